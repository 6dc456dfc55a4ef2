"""What the server in front of a deployment adds to answers."""

import base64
import hashlib
import re

import project

INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.S)


def policy(body):
    """A policy for pages whose inline scripts are known by their digest."""
    digests = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s).digest()).decode()}'" for s in INLINE.findall(body))
    return f"default-src 'self'; script-src 'self' {digests}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


def front(get_response):
    def answer(request):
        response = get_response(request)
        if "exposed-login" not in project.chosen:
            response["Cache-Control"] = "no-store"
            if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
                response["Content-Security-Policy"] = policy(response.content)
        if "other-namespace" in project.chosen and not response.streaming:
            response.content = response.content.replace(b"http://www.yale.edu/tp/cas", b"http://cas.college-quartz.example/reponse")
            response["Content-Length"] = str(len(response.content))
        return response

    return answer
