"""So many requests a minute for each account, counted in Redis."""

import logging
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # the settings name this module and DRF's views read the settings
    from rest_framework.views import APIView

MINUTE = 60
logger = logging.getLogger(__name__)


class AccountThrottle(BaseThrottle):
    """Reads and writes apart; the count is raised in one step, so requests at the same time are all counted.

    Open when Redis is away: the limit stops a loop that ran wild, permissions and locks do not depend on it.
    """

    left = 0.0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            return True
        is_read = request.method in SAFE_METHODS
        limit = settings.API_READS_A_MINUTE if is_read else settings.API_WRITES_A_MINUTE
        minute, gone = divmod(time.time(), MINUTE)
        self.left = MINUTE - gone
        key = f"api:{'read' if is_read else 'write'}:{request.auth.account_id}:{minute:.0f}"
        try:
            cache.add(key, 0, 2 * MINUTE)
            return cache.incr(key) <= limit
        except (RedisError, ValueError):  # away, or emptied between the two steps
            logger.warning("api_limit_not_counted")
            return True

    def wait(self) -> float:
        return self.left
