"""The Django project of the server: settings, addresses, accounts, and what a variant breaks.

Without a variant it is django-cas-server as a deployment that takes care has it: https only, cookies and headers set, a list of services,
a logout that leads to them alone. `bare` is django-cas-server and Django as their guides leave them. The other variants break one thing
of the first. All the people are invented.
"""

import os
from pathlib import Path

VARIANTS = {
    "bare": "nothing set beside what is needed to run",
    "replayable-tickets": "a ticket is validated again and again",
    "surviving-tickets": "a ticket tried on another service still holds",
    "unbound-tickets": "a ticket of one service is good for all",
    "other-namespace": "answers are in a namespace that is not that of CAS",
    "open-services": "tickets for whichever address",
    "prefix-services": "services are told by what their address starts with, the end of the host left open",
    "insecure-cookies": "neither Secure, HttpOnly nor SameSite",
    "logout-redirect": "logout leads wherever it is told",
    "exposed-login": "the login page may be kept and framed",
    "clear-too": "everything is answered in clear too",
    "expired-certificate": "since 2025",
    "wrong-host": "the certificate is that of another portal",
}
chosen = set(os.environ["ESSAI_VARIANTS"].split())
assert chosen <= set(VARIANTS), f"variants are: {', '.join(VARIANTS)}"
bare = "bare" in chosen
folder = Path(os.environ["ESSAI_DIR"])
https = os.environ["ESSAI_HTTPS"]
secure = os.environ.get("ESSAI_LISTENER", "https") == "https"

# Where services are; nobody asks anything of them.
SERVICES = r"^https://(cahier|mediatheque)\.example/(?!.*\.\.)[a-z0-9/?&=+.%-]*$"
if "open-services" in chosen:
    SERVICES = ".*"
elif "prefix-services" in chosen:
    SERVICES = r"^https://cahier\.example"

ACCOUNTS = {
    "zelie.trouvaille": {
        "password": "Pluie&Vent <7> été",
        "attributes": {
            "uid": "zelie.trouvaille",
            "ENTPersonNom": "Trouvaille",
            "ENTPersonPrenom": "Zélie",
            "ENTPersonProfils": ["National_ELV"],
            "ENTPersonStructRattach": "0770001X",
            "ENTPersonDateNaissance": "17/11/2012",
            "ENTEleveClasses": ["0770001X$4EME-QUARTZ"],
            "ENTEleveGroupes": ["0770001X$LATIN-QUARTZ", "0770001X$CHORALE-QUARTZ"],
        },
    },
    "aymeric.lanternier": {
        "password": "quatre-lampions-au-port",
        "attributes": {
            "uid": "aymeric.lanternier",
            "ENTPersonNom": "Lanternier-D’Ys",
            "ENTPersonPrenom": "Aymeric",
            "ENTPersonMail": "a.lanternier@college-quartz.example",
            "ENTPersonProfils": ["National_ENS"],
            "ENTPersonStructRattach": "0770001X",
        },
    },
}

# Settings that Django and django-cas-server ask for.

SECRET_KEY = f"for these tests only, of no value: {folder}"
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "addresses"
WSGI_APPLICATION = "project.application"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles", "cas_server",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
if not bare:
    MIDDLEWARE.insert(0, "front.front")
if "exposed-login" not in chosen:
    # Part of every project that `django-admin startproject` makes.
    MIDDLEWARE.append("django.middleware.clickjacking.XFrameOptionsMiddleware")
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": ["django.template.context_processors.request",
                                       "django.contrib.messages.context_processors.messages"]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "cas.sqlite3", "OPTIONS": {"timeout": 20}}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
LANGUAGE_CODE = "fr"
USE_TZ = True
TIME_ZONE = "Europe/Paris"
STATIC_URL = "/static/"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": folder / "log" / "cas.log"}},
    "loggers": {"cas_server": {"handlers": ["file"], "level": "INFO"}, "django.request": {"handlers": ["file"], "level": "ERROR"}},
}

CAS_AUTH_CLASS = "accounts.Accounts"
# The service that the tool plays shows a certificate of the same authority.
CAS_PROXY_CA_CERTIFICATE_PATH = str(folder / "pki" / "ca.crt")
# These two ask a registry for newer versions.
CAS_NEW_VERSION_HTML_WARNING = False
CAS_NEW_VERSION_EMAIL_WARNING = False

if not bare:
    CAS_COMPONENT_URLS = dict.fromkeys(
        ("bootstrap3_css", "bootstrap3_js", "html5shiv", "respond", "bootstrap4_css", "bootstrap4_js", "jquery"), "/static/vide")
    CAS_SHOW_POWERED = False
    CAS_REMOVE_DJANGO_SESSION_COOKIE_ON_LOGOUT = True
    X_FRAME_OPTIONS = "DENY"
    SECURE_HSTS_SECONDS = 31_536_000
    if "clear-too" not in chosen:
        SECURE_SSL_REDIRECT = True
        SECURE_SSL_HOST = https.removeprefix("https://")
    # What the cookie opens is under /cas.
    SESSION_COOKIE_NAME = "TGC"
    SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/cas"
    CSRF_COOKIE_HTTPONLY = True
    SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    if "insecure-cookies" in chosen:
        SESSION_COOKIE_HTTPONLY = False
        SESSION_COOKIE_SAMESITE = None
    else:
        SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = secure


def prepare():
    """Makes the database."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from cas_server.models import ReplaceAttributName, ServicePattern

    pattern = ServicePattern.objects.create(name="Services d’essai", pos=1, pattern=SERVICES, proxy=True)
    ReplaceAttributName.objects.create(service_pattern=pattern, name="*", replace="")
    ServicePattern.objects.create(name="Service de l’outil", pos=2, pattern=r"^http://127\.0\.0\.1:[0-9]+/(deux)?$", single_log_out=True)
    ServicePattern.objects.create(name="Mandataire de l’outil", pos=3, pattern=r"^https://127\.0\.0\.1:[0-9]+/mandataire(\?.*)?$", proxy_callback=True)


def __getattr__(name):
    # Settings are read before Django is: the application comes when gunicorn asks for it.
    if name != "application":
        raise AttributeError(name)
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    import broken

    broken.apply(chosen)
    return application
