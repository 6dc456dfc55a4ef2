"""The addresses of the site: CAS, and the little that a portal has beside it."""

import datetime
import re

import project
from cas_server.views import LogoutView
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpResponse
from django.urls import include, path, re_path

HOME = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Portail d’essai</title></head>
<body><h1>Portail d’essai</h1><p><a href="/cas/login">Se connecter</a> · <a href="/cas/logout">Se déconnecter</a></p></body></html>
"""


class Logout(LogoutView):
    """Leads to registered services only; django-cas-server leads wherever it is told."""

    def init_get(self, request):
        super().init_get(request)
        self.url = None
        if self.service and not re.match(project.SERVICES, self.service):
            self.service = None


def home(_):
    return HttpResponse(HOME)


def security(_):
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=200)
    text = f"Contact: mailto:securite@college-quartz.example\nExpires: {end:%Y-%m-%dT%H:%M:%SZ}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def static(_, name):
    found = finders.find(name)
    if name == "vide":
        return HttpResponse("", content_type="text/css")
    if not found:
        raise Http404
    return FileResponse(open(found, "rb"))


urlpatterns = [re_path(r"^cas/", include("cas_server.urls", namespace="cas_server")), path("static/<path:name>", static)]
if not project.bare:
    urlpatterns += [path("", home), path(".well-known/security.txt", security)]
    if "logout-redirect" not in project.chosen:
        urlpatterns.insert(0, re_path(r"^cas/logout$", Logout.as_view()))
