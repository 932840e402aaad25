"""Every setting, from the environment; what is not understood is refused. `.env.example` names them all."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from import_export.formats.base_formats import CSV, ODS, XLSX
from kombu import Queue

from huifeng.embedded import engines
from huifeng.environment import Environment, database, mailer, redis_database
from huifeng.keyring import INDEXING, SEALING
from huifeng.logs import LEVELS, logging_settings
from huifeng.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# Where we are -----------------------------------------------------------------------------------------------

DATA = env.text("HUIFENG_DATA")  # the data folder of the embedded engines; empty where servers are given
_database_url = env.url("DATABASE_URL", ["postgresql", "postgres"])
_owner_url = env.url("OWNER_DATABASE_URL", ["postgresql", "postgres"])
_redis_url = env.url("REDIS_URL", ["redis", "rediss"])
EMBEDDED = bool(DATA) and not _database_url
MODE = env.text("HUIFENG_MODE", "demo" if EMBEDDED else "production", choices=["production", "demo", "test"])
PRODUCTION = MODE == "production"
DEBUG = env.flag("HUIFENG_DEBUG", default=False)
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("HUIFENG_DEBUG shows source and data to visitors; not in production.")

_made: dict[str, str] = {}  # keys made once into the data folder
if EMBEDDED:
    _engines = engines.use(DATA, durable=MODE != "test")
    _database_url, _owner_url = _engines.database_url(), _engines.owner_database_url
    _redis_url = _redis_url or _engines.redis_url
    _made = _engines.secrets
if not (_database_url and _redis_url):
    raise ImproperlyConfigured("Set HUIFENG_DATA for embedded engines, or DATABASE_URL and REDIS_URL.")

# Secrets ----------------------------------------------------------------------------------------------------

SECRET_KEY = env.text("HUIFENG_SECRET_KEY", _made.get("secret_key", ""))
SECRET_KEY_FALLBACKS = env.items("HUIFENG_OLD_SECRET_KEYS")
# sealing of ID numbers and phones, and the keyed index of the same for exact look-up; the first key writes
FIELD_KEYS = env.keys("HUIFENG_FIELD_KEY", "HUIFENG_OLD_FIELD_KEYS", SEALING, _made.get("field_key", ""))
INDEX_KEYS = env.keys("HUIFENG_INDEX_KEY", "HUIFENG_OLD_INDEX_KEYS", INDEXING, _made.get("index_key", ""))
ALLOWED_HOSTS = env.items("HUIFENG_ALLOWED_HOSTS") or ([] if PRODUCTION else ["*"])
_needed = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEYS", "ALLOWED_HOSTS")
if missing := [f"HUIFENG_{name.replace('_KEYS', '_KEY')}" for name in _needed if not globals()[name]]:
    raise ImproperlyConfigured(f"Missing: {', '.join(missing)}. See .env.example.")
if PRODUCTION and len(SECRET_KEY) < 40:
    raise ImproperlyConfigured("HUIFENG_SECRET_KEY is too short; it must have 40 characters or more.")

# Applications -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    *(f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "sessions", "messages")),
    *(f"django.contrib.{name}" for name in ("staticfiles", "postgres", "humanize")),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "rest_framework",
    "drf_spectacular",
    "import_export",
    "django_htmx",
    "lucide",
    "huifeng.embedded",
    "huifeng.accounts",
    "huifeng.audit",
    "huifeng.codes",
    "huifeng.texts",
    "huifeng.display",
    "huifeng.spreadsheets",
    "huifeng.jobs",
    "huifeng.keys",
    "communities.divisions",
    "communities.organisations",
    "communities.calendar",
    "communities.notices",
    "members.people",
    "members.units",
    "members.party",
    "members.roster",
    "members.duplicates",
    "members.exports",
    "checkin.record",
    "checkin.sync",
    "checkin.rights",
    "checkin.proposals",
    "checkin.statistics",
    "checkin.feedback",
    "checkin.reconciliation",
    "checkin.access",
    "checkin.api",
    "services.presets",
    "services.ledger",
    "services.funds",
    "services.activities",
    "services.requests",
    "services.care",
    "services.interests",
    "services.handbook",
    *([] if PRODUCTION else ["demo"]),
]
MIDDLEWARE = [
    "huifeng.middleware.RequestContext",
    "huifeng.rowscope.middleware.RowScope",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "huifeng.middleware.NoZeroBytes",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huifeng.accounts.middleware.SessionEnds",
    "huifeng.accounts.middleware.SecondFactorFirst",
    "huifeng.accounts.middleware.BackToThePage",
    "django_htmx.middleware.HtmxMiddleware",
    "huifeng.middleware.RuleBrokenAnswer",
]
ROOT_URLCONF = "huifeng.urls"
_context = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "huifeng.display.context.display",
]
_django_templates = "django.template.backends.django.DjangoTemplates"
_folders = [BASE_DIR / "templates"]
TEMPLATES = [
    {
        "BACKEND": _django_templates,
        "DIRS": _folders,
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _context},
    }
]

# Database, Redis, sessions ----------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_pool = env.number("HUIFENG_DATABASE_POOL", 0, most=200)  # connections a web process keeps; 0: none (workers)
_options: dict[str, object] = {"connect_timeout": 10}
if _pool:
    _options["pool"] = {"min_size": 1, "max_size": _pool, "timeout": 10}
_keep = 0 if _pool or MODE == "test" else 60  # seconds; the pool does its own keeping
DATABASES = {
    "default": database(_database_url, OPTIONS=_options, CONN_MAX_AGE=_keep, CONN_HEALTH_CHECKS=True)
}
if _owner_url:  # only where the schema is changed: `migrate`, test set-up, the data folder
    DATABASES["owner"] = database(_owner_url, OPTIONS={"connect_timeout": 10})

KEY_PREFIX = "huifeng"
_redis_cache = "django.core.cache.backends.redis.RedisCache"
_cache_url = redis_database(_redis_url, 1)
CACHES = {"default": {"BACKEND": _redis_cache, "LOCATION": _cache_url, "KEY_PREFIX": KEY_PREFIX}}
SESSION_ENGINE = "huifeng.accounts.sessions"

# Celery -----------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = CELERY_RESULT_BACKEND = _redis_url
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "global_keyprefix": f"{KEY_PREFIX}:"}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"global_keyprefix": f"{KEY_PREFIX}:"}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 25 * 60, 30 * 60  # below the visibility timeout
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.number("HUIFENG_WORKER_CONCURRENCY", 2, least=1, most=64)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_QUEUES = [Queue("celery"), Queue("jobs")]  # a worker told nothing serves both
CELERY_TASK_ROUTES = {
    "huifeng.jobs.tasks.run": {"queue": "jobs"}
}  # so that no login code waits for an export
CELERY_BEAT_SCHEDULE = SCHEDULE

# Accounts ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
_hashers = ["MD5PasswordHasher"] if MODE == "test" else ["Argon2PasswordHasher", "PBKDF2PasswordHasher"]
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}" for name in _hashers]
# --- allauth: begin (owned by huifeng.accounts) ---
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "accounts:login", "accounts:choose", "/"
SESSION_COOKIE_AGE = 24 * 3600  # of a session that ends with the browser; 30 days on one's own phone
ACCOUNT_ADAPTER = "huifeng.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}  # phone and digits are ours, see huifeng/accounts/actions.py
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {  # by address generous: a whole community sits behind one; by account strict
    "request_login_code": "60/m/ip,600/h/ip",
    "login_code": "120/m/ip",
    "login_failed": "60/m/ip,5/15m/key",
    "change_password": "5/m/user",
    "sign_on": "120/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.flag("HUIFENG_BEHIND_PROXY", default=False))
# who must log in with a second factor: staff of bureaus, all staff, nobody
SECOND_FACTOR = env.text(
    "HUIFENG_SECOND_FACTOR", "bureau" if PRODUCTION else "off", choices=["bureau", "staff", "off"]
)
STAFF_IDLE_SECONDS = 60 * env.number("HUIFENG_STAFF_IDLE_MINUTES", 30, least=1, most=720)
STAFF_SESSION_SECONDS = 3600 * env.number("HUIFENG_STAFF_SESSION_HOURS", 12, least=1, most=24)
# the single sign-on of a province, where there is one (OpenID Connect, huifeng/accounts/sign_on.py)
OIDC = {
    "name": env.text("HUIFENG_OIDC_NAME"),
    "server": env.url("HUIFENG_OIDC_SERVER", ["https"] if PRODUCTION else ["https", "http"]),
    "client_id": env.text("HUIFENG_OIDC_CLIENT_ID"),
    "secret": env.text("HUIFENG_OIDC_CLIENT_SECRET"),
}
if any(OIDC.values()) and not all(OIDC.values()):
    raise ImproperlyConfigured("HUIFENG_OIDC_NAME, _SERVER, _CLIENT_ID and _CLIENT_SECRET belong together.")
OIDC_TRUSTS_PHONE = env.flag("HUIFENG_OIDC_TRUST_PHONE", default=False)
SOCIALACCOUNT_ADAPTER = "huifeng.accounts.sign_on.SignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "huifeng.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # half a minute: clocks of phones; each number is good once all the same
# --- allauth: end ---

# Language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True

# Files and mail ---------------------------------------------------------------------------------------------

IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
IMPORT_EXPORT_FORMATS = [XLSX, CSV, ODS]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
FILES = Path(env.text("HUIFENG_FILES", str(Path(DATA or BASE_DIR) / "files")))  # uploaded and made files
MEDIA_ROOT = FILES
WHITENOISE_USE_FINDERS = not PRODUCTION  # without collectstatic
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _manifest if PRODUCTION else _plain},
}
_mail_url = env.url("HUIFENG_MAIL_URL", ["smtp", "smtp+tls", "smtp+ssl"])
MAILERS = {"default": mailer(_mail_url)}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("HUIFENG_MAIL_FROM", "huifeng@localhost")

SMS_BACKEND = env.text("HUIFENG_SMS_BACKEND", "http" if PRODUCTION else "demo", ["http", "console", "demo"])
SMS_URL = env.url("HUIFENG_SMS_URL", ["https", "http"])
SMS_TOKEN = env.text("HUIFENG_SMS_TOKEN")
if bool(SMS_URL) != bool(SMS_TOKEN):
    raise ImproperlyConfigured("HUIFENG_SMS_URL and HUIFENG_SMS_TOKEN belong together: the gateway of texts.")
if PRODUCTION and not (SMS_BACKEND == "http" and SMS_URL.startswith("https:")):
    raise ImproperlyConfigured("Nobody logs in without texts: HUIFENG_SMS_URL must name a gateway, by https.")

# The API for other systems (checkin/api) ---------------------------------------------------------------------

API_READS_A_MINUTE, API_WRITES_A_MINUTE = 600, 120  # for each token's account
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["checkin.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["checkin.api.authentication.HasPurpose"],
    "DEFAULT_THROTTLE_CLASSES": ["checkin.api.throttling.AccountThrottle"],
    "DEFAULT_PARSER_CLASSES": ["checkin.api.parsing.Body"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "checkin.api.problems.on_exception",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "惠风家园接口",
    "DESCRIPTION": "见 docs/api.md。",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["checkin.api.openapi.one_of_twins"],
    "POSTPROCESSING_HOOKS": ["checkin.api.openapi.complete"],
}

# what counts as unusual access to people's data (checkin/access, docs/security.md)
ACCESS_PEOPLE_AN_HOUR = env.number("HUIFENG_ACCESS_PEOPLE_AN_HOUR", 300, least=1)
ACCESS_LISTED_AN_HOUR = env.number("HUIFENG_ACCESS_LISTED_AN_HOUR", 3000, least=1)
ACCESS_LOOKS_AT_NIGHT = env.number("HUIFENG_ACCESS_LOOKS_AT_NIGHT", 1, least=1)
ACCESS_PEOPLE_OUTSIDE = env.number("HUIFENG_ACCESS_PEOPLE_OUTSIDE", 5, least=1)

# networks of an intranet that webhooks may go to besides public addresses
WEBHOOK_NETWORKS = env.networks("HUIFENG_WEBHOOK_NETWORKS")

# Security of the pages --------------------------------------------------------------------------------------

SECURE_CSP = (
    {"default-src": [CSP.NONE]}
    | dict.fromkeys(("script-src", "style-src"), (CSP.SELF,))
    | {"img-src": [CSP.SELF, "data:"]}
    | dict.fromkeys(("font-src", "media-src", "connect-src", "form-action"), (CSP.SELF,))
    | dict.fromkeys(("base-uri", "frame-ancestors"), (CSP.NONE,))
    | {"manifest-src": [CSP.SELF]}
)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SILENCED_SYSTEM_CHECKS = [  # of `check --deploy`
    "security.W005",  # HSTS for hosts below ours, and
    "security.W021",  # in the browsers' own lists: whose domain it is decides that, not one site in it
    *(
        [] if _mail_url else ["mail.E001"]
    ),  # without a mail server there is the inbox: nothing but mail is lost
]
SESSION_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.items("HUIFENG_TRUSTED_ORIGINS")
if env.flag("HUIFENG_BEHIND_PROXY", default=False):  # the proxy must set this header itself, always
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
BASE_URL = env.url(
    "HUIFENG_BASE_URL", ["https", "http"], "" if PRODUCTION else "http://localhost:8000"
).rstrip("/")
LOGGING_CONFIG = "huifeng.logs.configure"
LOGGING = logging_settings(as_json=PRODUCTION, level=env.text("HUIFENG_LOG_LEVEL", "INFO", LEVELS))

env.refuse_unknown()
