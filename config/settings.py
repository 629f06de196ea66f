"""Settings, all from the environment; `.env.example` documents every variable."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# Which set of AutoShares keys is in use: each broker keeps one connection per environment.
SHAREFRONT_ENV = env.str("SHAREFRONT_ENV", "demo")
if SHAREFRONT_ENV not in {"demo", "uat", "live"}:
    raise ImproperlyConfigured("SHAREFRONT_ENV must be demo, uat or live.")
IS_DEMO = SHAREFRONT_ENV == "demo"

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
# "id:base64,id:base64": 32-byte AES keys, the current one first (docs/decisions/0005).
ENCRYPTION_KEYS: list[str] = env.list("ENCRYPTION_KEYS")
# The broker middleware refuses every host name that belongs to no broker, so the demo may leave this open.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [".localhost", "localhost"] if IS_DEMO else [])
WEB_PORT = env.int("WEB_PORT", 8000)
SANDBOX_PORT = env.int("SANDBOX_PORT", 9100)

# --- Applications -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "operations.admin_app.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "servestatic",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "brokers",
    "investors",
    "investors.provider",
    "agreements",
    "trading",
    "operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.BrokerContentSecurityPolicy",
    "config.middleware.StaticFiles",
    "brokers.middleware.BrokerMiddleware",
    "config.middleware.RefuseNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "investors.middleware.InvestorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "brokers.context.broker_context",
                "investors.context.connection_context",
            ],
            "builtins": ["brokers.templatetags.figures"],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------

DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", conn_max_age=0, conn_health_checks=False) | {"ATOMIC_REQUESTS": False}
}
DATABASES["default"].setdefault("OPTIONS", {})
# Connections are shared by threads and given back after each request: 15 % faster than opening one each time.
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 8)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Static files -----------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if not env.str("STATIC_ROOT", "") else Path(env.str("STATIC_ROOT"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
# Served from STATIC_ROOT, hashed and compressed, after `collectstatic`; from the source folders while DEBUG.
SERVESTATIC_USE_FINDERS = DEBUG
SERVESTATIC_AUTOREFRESH = DEBUG

# --- People and sessions ----------------------------------------------------------------------------

AUTH_USER_MODEL = "investors.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "investors:sign-in"
LOGIN_REDIRECT_URL = "trading:portfolio"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 24) * 3600
SESSION_COOKIE_SAMESITE = "Lax"  # the OAuth callback arrives as a top-level navigation from AutoShares
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

ACCOUNT_ADAPTER = "investors.provider.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "investors.provider.adapters.SocialAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False  # the same person may be an investor of two brokers
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_STORE_TOKENS = False  # tokens live in our encrypted Grant alone
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_QUERY_EMAIL = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Transport and content security -----------------------------------------------------------------

SECURE_TRANSPORT = env.bool("SECURE_TRANSPORT", not IS_DEMO)
SECURE_SSL_REDIRECT = SECURE_TRANSPORT
SECURE_HSTS_SECONDS = 63072000 if SECURE_TRANSPORT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_TRANSPORT
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TRANSPORT
SESSION_COOKIE_NAME = "__Host-session" if SECURE_TRANSPORT else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_TRANSPORT else "csrf"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE_TRANSPORT else "http"
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the preload list is for the owner of each domain to join
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

# --- Time and words ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- AutoShares -------------------------------------------------------------------------------------

AUTOSHARES_CONNECT_TIMEOUT_SECONDS = env.float("AUTOSHARES_CONNECT_TIMEOUT_SECONDS", 3.05)
AUTOSHARES_READ_TIMEOUT_SECONDS = env.float("AUTOSHARES_READ_TIMEOUT_SECONDS", 10)

# --- Background work --------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    _queue = Path(env.str("CELERY_BROKER_DIR", str(BASE_DIR / ".local" / "demo" / "broker")))
    for _folder in ("queue", "processed", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "queue"),
        "data_folder_out": str(_queue / "queue"),
        "processed_folder": str(_queue / "processed"),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
        "polling_interval": 0.05,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "poll-due-accounts": {"task": "trading.poll_due_accounts", "schedule": 1.0, "options": {"expires": 5}},
    "sweep-order-requests": {
        "task": "trading.sweep_order_requests",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "refresh-due-grants": {
        "task": "investors.refresh_due_grants",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "watch-renewals": {
        "task": "investors.watch_renewals",
        "schedule": 600.0,
        "options": {"expires": 300},
    },
    "clear-sessions": {
        "task": "investors.clear_ended_sessions",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}

# --- Logs: ids and outcomes, never tokens, codes, bodies or personal data ---------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "urllib3": {"level": "ERROR"},
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
