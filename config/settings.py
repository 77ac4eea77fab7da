"""The one settings file, fed by the environment. README.md lists every variable."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from whitenoise.compress import Compressor

from config.embedded_redis import socket_path
from config.env import (
    database,
    env,
    is_loopback,
    mail_server,
    secret_key,
    site_address,
    webhook_secret,
    whole_number,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / env.str("EBB_VAR", "var")
VAR.mkdir(parents=True, exist_ok=True)

# Where Ebb is reached. Local mode: one person's own machine, no public address, no mail server.
EBB_HOST = env.str("EBB_HOST", "127.0.0.1")
EBB_PORT = whole_number("EBB_PORT", 8000, lowest=1, highest=65535)
EMAIL_URL = env.str("EMAIL_URL", "")
SITE_URL = site_address(env.str("EBB_SITE_URL", ""))
LOCAL_MODE = is_loopback(EBB_HOST) and not SITE_URL and not EMAIL_URL
SITE_URL = SITE_URL or f"http://{EBB_HOST}:{EBB_PORT}"
HTTPS = urlsplit(SITE_URL).scheme == "https"

DEBUG = env.bool("EBB_DEBUG", False)
SECRET_KEY = secret_key(VAR / "secret_key")
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, *env.list("EBB_ALLOWED_HOSTS", default=[])]
if LOCAL_MODE:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]

# Behaviour an operator may choose
EBB_CHECKUP = env.bool("EBB_CHECKUP", True)
# Who tells a check-up what the record knows already; assessments knows nothing of tracker.
CHECKUP_KNOWS = "tracker.web.known_answers.told_before"
EBB_REGISTRATION = env.bool("EBB_REGISTRATION", True)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "config",
    "tracker",
    "assessments",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "config.health.probes",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.bounded_bodies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.strict_account_json",
    "config.middleware.renewed_sessions",
    "config.middleware.private_pages",
    "config.middleware.patient_zone",
    "config.middleware.readable_refusals",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]

# Database: SQLite in WAL mode with immediate transactions, or PostgreSQL by DATABASE_URL
EMBEDDED_DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR / "ebb.sqlite3"}
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASES = {"default": database(DATABASE_URL) if DATABASE_URL else EMBEDDED_DATABASE}
DATABASES["default"]["CONN_MAX_AGE"] = 60  # opening one costs as much as a small page
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA journal_size_limit=67108864;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
        "connect_timeout": 5,
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "tracker.User"
# An e-mail address is unique whatever its case, by a constraint that Django's check does not look at.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["tracker.web.accounts.RecordBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "welcome"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SIGNUP_FORM_CLASS = "tracker.web.forms.accounts.SignupForm"
ACCOUNT_FORMS = {
    "login": "tracker.web.forms.addresses.LoginForm",
    "signup": "tracker.web.forms.addresses.SignupForm",
    "reset_password": "tracker.web.forms.addresses.ResetPasswordForm",
    "add_email": "tracker.web.forms.addresses.AddEmailForm",
}
ACCOUNT_ADAPTER = "tracker.web.accounts.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
HEADLESS_CLIENTS = ("app",)
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())

# Cookies and headers
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
TRUSTED_PROXIES = whole_number("EBB_TRUSTED_PROXIES", 0, lowest=0, highest=10)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Size limits: what a patient sends is small, except a log file
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

# Words and time. Instants are UTC; each patient's own zone is activated per request.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["config.formats"]

# Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Compressing takes longer than all the rest of a start, and gains nothing on one's own machine.
    "staticfiles": {
        "BACKEND": "config.static_storage.LocalStorage" if LOCAL_MODE else "config.static_storage.PublicStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# Source maps are for developers: compressing them makes a first start slow.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# Mail
MAIL_DIR = VAR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EBB_FROM_EMAIL", f"Ebb <ebb@{urlsplit(SITE_URL).hostname}>")
# Who is told by the envelope of a mail that comes back; the sender where it is empty.
BOUNCE_EMAIL = env.str("EBB_BOUNCE_EMAIL", "")
MAIL_PROVIDER = ""
# user:password that the provider sends along with its word of bounces; without it nobody's word is taken.
WEBHOOK_SECRET = env.str("EBB_WEBHOOK_SECRET", "")
if EMAIL_URL:
    locals().update(mail_server(EMAIL_URL))
    if MAIL_PROVIDER and WEBHOOK_SECRET:
        ANYMAIL = globals()["ANYMAIL"] | {"WEBHOOK_SECRET": webhook_secret(WEBHOOK_SECRET)}
else:
    EMAIL_BACKEND = "config.mail.MailboxBackend"

# Messages to browsers: the makers that may be handed one, and the key that says who sends
PUSH_HOSTS = [
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
    *env.list("EBB_PUSH_HOSTS", default=[]),
]
VAPID_KEY = env.str("EBB_VAPID_KEY", "")
VAPID_KEY_FILE = VAR / "vapid_key.pem"

# Broker: a server of your own, or the embedded one on a socket
REDIS_URL = env.str("REDIS_URL", "")
REDIS_SOCKET = socket_path(VAR)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tracker.api.authentication.SessionToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tracker.api.permissions.IsPatient"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tracker.api.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "tracker.api.pages.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_METADATA_CLASS": "tracker.api.metadata.Summary",
    "EXCEPTION_HANDLER": "tracker.api.errors.as_problem",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ebb",
    "DESCRIPTION": "Pain log, treatments, verdicts, reminders and check-ups of one patient.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tracker.api.schema.add_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ReminderKind": "tracker.models.reminders.Reminder.Kind",
        "VerdictOutcome": "tracker.models.verdicts.Verdict.Outcome",
        "ComparisonOutcome": "tracker.models.second_opinions.Comparison.Outcome",
        "FileKind": "tracker.models.second_opinions.Attachment.Kind",
        "AdviceKind": "tracker.models.advice.Advice.Kind",
        "MoveKey": "tracker.api.serializers.moves.MOVE_CHOICES",
        "SafetyAnswer": "tracker.api.serializers.moves.ANSWER_CHOICES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "config.logs.DiscreetFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.security": {"level": "ERROR"}},
}
