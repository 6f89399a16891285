"""One table of options: each is an environment variable with a default that suits one machine. See docs/settings.md."""

import os
from pathlib import Path

from shangquan.config import database
from shangquan.config.secrets import secret

ROOT = Path(__file__).resolve().parents[3]
VAR = Path(os.environ.get("SHANGQUAN_VAR", ROOT / "var"))


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0") == "1"


DEMO = _flag("SHANGQUAN_DEMO", True)
DEBUG = _flag("SHANGQUAN_DEBUG", False)
SECRET_KEY = secret(VAR, "SHANGQUAN_SECRET_KEY")
# Keys of personal data at rest: one to encrypt, one to find (keyed hash). Losing them loses the phones.
PERSONAL_DATA_KEY = secret(VAR, "SHANGQUAN_PERSONAL_DATA_KEY")
BASE_URL = os.environ.get("SHANGQUAN_BASE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = os.environ.get("SHANGQUAN_HOSTS", "127.0.0.1,localhost,.localhost,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("SHANGQUAN_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "shangquan.kernel",
    "shangquan.design",
    "shangquan.tenancy",
    "shangquan.identity",
    "shangquan.ledger",
    "shangquan.district",
    "shangquan.members",
    "shangquan.payments",
    "shangquan.messaging",
    "shangquan.codes",
    "shangquan.points",
    "shangquan.coupons",
    "shangquan.checkout",
    "shangquan.settlement",
    "shangquan.pos",
    "shangquan.insight",
    "shangquan.journeys",
    "shangquan.connectors",
    "shangquan.console",
    "shangquan.memberapp",
    "shangquan.config",
]
# A room under construction is skipped until its folder is there.
INSTALLED_APPS = [
    name
    for name in INSTALLED_APPS
    if not name.startswith("shangquan.") or (ROOT / "src" / name.replace(".", "/") / "__init__.py").exists()
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shangquan.kernel.web.Limits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "shangquan.kernel.web.Policy",
    "shangquan.config.entrance.Entrance",
]

ROOT_URLCONF = "shangquan.config.urls"
WSGI_APPLICATION = "shangquan.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "shangquan.config.context.page",
            ],
        },
    }
]

DB_OWNER = _flag("SHANGQUAN_DB_OWNER", False)
APP_ROLE = database.APP_ROLE
DATABASES = {"default": database.connection(VAR, owner=DB_OWNER)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
CSRF_FAILURE_VIEW = "shangquan.kernel.web.expired_form"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = VAR / "media"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if (STATIC_ROOT / "staticfiles.json").exists() and not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
LARGEST_BODY = DATA_UPLOAD_MAX_MEMORY_SIZE

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

# Outside systems: base addresses and keys only. The same connectors run against the sandbox and the real platforms.
SANDBOX_URL = os.environ.get("SANDBOX_URL", "http://127.0.0.1:8100")
WECHAT_API_URL = os.environ.get("WECHAT_API_URL", SANDBOX_URL)
WECHAT_OPEN_URL = os.environ.get("WECHAT_OPEN_URL", SANDBOX_URL)
WECHAT_MP_URL = os.environ.get("WECHAT_MP_URL", SANDBOX_URL)
WECHAT_JSSDK_URL = os.environ.get("WECHAT_JSSDK_URL", f"{SANDBOX_URL}/open/js/jweixin-1.6.0.js")
WECHATPAY_URL = os.environ.get("WECHATPAY_URL", SANDBOX_URL)
WECHAT_KEYS = Path(os.environ.get("WECHAT_KEYS", VAR / "wechat.json"))
# Pages may be framed by these (the sandbox's phone shows them in its browser).
FRAME_ANCESTORS = os.environ.get(
    "SHANGQUAN_FRAME_ANCESTORS", f"'self' {SANDBOX_URL} http://*.localhost:8100" if DEMO else "'self'"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SHANGQUAN_LOG", "WARNING")},
}
