"""Every URL of the API."""

from flask import Blueprint

from api_service.resources.health import Live, Readiness
from api_service.resources.me import Myself
from api_service.resources.protected_resource import Metadata, MetadataAtRoot
from api_service.resources.userinfo import UserinfoOfToken
from shared.web import tenancy

bp = Blueprint("api", __name__)

bp.add_url_rule("/api/userinfo", view_func=UserinfoOfToken.as_view("userinfo"))  # GET, POST
bp.add_url_rule("/api/me", view_func=Myself.as_view("me"))  # GET, PATCH
bp.add_url_rule(f"{tenancy.RESOURCE_METADATA}/api", view_func=Metadata.as_view("resource_metadata"))
bp.add_url_rule(tenancy.RESOURCE_METADATA, view_func=MetadataAtRoot.as_view("resource_metadata_at_root"))
bp.add_url_rule("/health/live", view_func=Live.as_view("live"))
bp.add_url_rule("/health/ready", view_func=Readiness.as_view("ready"))
