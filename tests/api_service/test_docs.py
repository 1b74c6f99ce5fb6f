"""The API document and the page that shows it."""

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import one_of
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from shared.kit import clock
from shared.models import Actor
from shared.models.user import OPERATOR
from shared.services import tenants, users


@pytest.fixture
def redis_url(valkey):
    return valkey.url


@pytest.fixture
def document(api):
    return api.web.get("/openapi.json").json


def operations(document):
    return {(path, verb.upper()): operation for path, verbs in document["paths"].items() for verb, operation in verbs.items()}


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_it(api, document):
    there = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method)
        for rule in api.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == set(operations(document))


def test_every_operation_says_what_it_is(document):
    for where, operation in operations(document).items():
        assert operation["summary"] and operation["operationId"] and operation["tags"], where
        for status, response in operation["responses"].items():
            assert response["description"] and response["content"], (where, status)


def test_operations_stand_under_headings_that_say_what_they_are(document):
    headings = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert {tag for operation in operations(document).values() for tag in operation["tags"]} == set(headings)
    assert all(headings.values())


def test_every_answer_of_the_api_has_an_example(document):
    for (path, verb), operation in operations(document).items():
        if path.startswith("/api/"):
            for status, response in operation["responses"].items():
                assert all("example" in media for media in response["content"].values()), (path, verb, status)


def test_what_is_guarded_says_so(api, document):
    for (path, verb), operation in operations(document).items():
        if path.startswith("/api/"):
            scopes = operation["security"][0]["OAuth2AuthorizationCodeBearer"]
            assert scopes and {"401", "403", "503"} <= set(operation["responses"]), (path, verb)
            address = re.sub(r"\{\w+\}", "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77", path)
            assert api.web.open(address, method=verb).status_code == 401


def test_the_scheme_is_the_code_flow_of_this_issuer(api, document):
    scheme = document["components"]["securitySchemes"]["OAuth2AuthorizationCodeBearer"]
    flow = scheme["flows"]["authorizationCode"]
    assert scheme["type"] == "oauth2" and list(scheme["flows"]) == ["authorizationCode"]
    assert flow["authorizationUrl"] == f"{api.issuer.url}/authorize"
    assert flow["tokenUrl"] == flow["refreshUrl"] == f"{api.issuer.url}/token"
    assert {"openid", "profile", "email", "offline_access"} < set(flow["scopes"]) and all(flow["scopes"].values())


def test_each_tenant_has_its_own(api, document):
    with api.app.app_context():
        tenants.create(name="Acme <&> Sons {0}", slug="acme", by=Actor.system("tests"))
    theirs, issuer = api.web.get("/t/acme/openapi.json").json, f"{api.issuer.url}/t/acme"
    assert theirs["servers"] == [{"url": issuer}]
    assert issuer in json.dumps(theirs["components"]["securitySchemes"]) and "Acme" in theirs["info"]["description"]
    assert theirs["paths"] == document["paths"]
    assert api.web.get("/openapi.json").json == document, "one tenant's does not leak into another's"
    page = reader_of(api.web.get("/t/acme/docs"))
    assert page["ui"]["url"] == "/t/acme/openapi.json" and page["ui"]["oauth2RedirectUrl"] == f"{issuer}/docs/oauth2-redirect"
    assert api.web.get("/t/acme/docs/oauth2-redirect").status_code == 200
    assert api.web.get("/t/nobody/docs").status_code == 404


def test_the_page_is_made_of_our_own_files_only(api):
    for path in ("/docs", "/docs/", "/docs/oauth2-redirect"):
        answer = api.web.get(path)
        assert answer.status_code == 200
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        files = re.findall(r'(?:src|href)="([^"]+\.(?:js|css|png|svg)[^"]*)"', answer.text)
        assert files and all(file.startswith(("/docs/", "/openapi.json")) for file in files)
        assert all(api.web.get(file).status_code == 200 for file in files)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", answer.text), "nothing inline"


def test_the_swagger_ui_is_of_today(api):
    """3.28, which flasgger brings along, shows a stranger's document for ?url= (CVE-2018-25031)."""
    assert b"5." in api.web.get("/docs/assets/VERSION").data
    assert reader_of(api.web.get("/docs"))["ui"]["queryConfigEnabled"] is False
    for old in ("/flasgger_static/swagger-ui-bundle.js", "/apidocs/", "/apispec_1.json", "/oauth2-redirect.html"):
        assert api.web.get(old).status_code == 404


def test_the_page_asks_with_pkce_and_keeps_nothing(api):
    page = reader_of(api.web.get("/docs"))
    assert page["oauth"]["usePkceWithAuthorizationCodeGrant"] is True
    assert page["ui"]["persistAuthorization"] is False
    assert "clientSecret" not in page["oauth"]


PLAIN = ("GET /api/userinfo", "POST /api/userinfo", "GET /api/me")


def test_what_the_document_promises_is_what_happens(api):
    """Requests made from the document, good and bad, are answered as the document says."""
    with api.app.app_context():
        users.set_permissions(api.ada, [OPERATOR], by=Actor.system("tests"))
    header = api.bearer("openid profile email account account:write bailiwick:admin", auth_time=clock.timestamp(), acr="1")
    # A text that is longer than the document says may be longer than the server reads.
    refusals = {"checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 413, 415, 422]}}}
    config = schemathesis.Config.from_dict(refusals)
    for found in schemathesis.openapi.from_wsgi("/openapi.json", api.app, config=config).get_all_operations():
        operation = found.ok()
        # Its body may carry a token too, and two are refused.
        keeps_its_promise(operation, {} if operation.label == "POST /api/userinfo" else header)


def keeps_its_promise(operation, header):
    @seed(20261123)
    @settings(
        max_examples=5 if "/api/admin/" in operation.label else 15,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
    def promise(case):
        # What a client or a resource may be is more than a schema can say: a sound one may be refused, with the mend.
        unsaid = [checks.positive_data_acceptance] if operation.label not in PLAIN else []
        case.call_and_validate(headers=header, excluded_checks=unsaid)

    promise()


def reader_of(answer):
    return json.loads(re.search(r'<script type="application/json" id="reader">(.*?)</script>', answer.text)[1])
