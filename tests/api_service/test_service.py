"""What is true of the whole service: errors, health, and scripts of other sites."""

ORIGIN = {"Origin": "https://app.example"}


def test_errors_are_problem_details(api):
    for path, method, status in (("/api/nothing", "GET", 404), ("/", "GET", 404), ("/api/userinfo", "DELETE", 405)):
        answer = api.web.open(path, method=method, headers={"Accept": "text/html"})
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == status and answer.json["request_id"]
    assert "GET" in api.web.delete("/api/userinfo").headers["Allow"]


def test_it_lives_and_is_ready(api):
    assert api.web.get("/health/live").json == {"status": "ok"}
    assert api.web.get("/health/ready").json == {"status": "ok", "parts": {"database": "ok", "keys": "ok"}}


def test_it_is_not_ready_without_the_keys_of_the_issuer(api):
    api.issuer.status = 500
    answer = api.web.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["status"] == "unavailable" and answer.json["parts"]["keys"] != "ok"
    assert api.web.get("/health/live").status_code == 200


def test_a_script_of_another_site_may_ask_with_a_token(api):
    asks = ORIGIN | {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,content-type"}
    for path in ("/api/me", "/openapi.json"):
        preflight = api.web.options(path, headers=asks)
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"
        assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
        assert {"Authorization", "Content-Type"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
        assert int(preflight.headers["Access-Control-Max-Age"]) > 600
        assert "Access-Control-Allow-Credentials" not in preflight.headers


def test_a_script_of_another_site_may_read_answers_and_errors(api):
    for path, headers in (("/api/userinfo", api.bearer()), ("/api/userinfo", {}), ("/api/nothing", {}), ("/openapi.json", {})):
        answer = api.web.get(path, headers=ORIGIN | headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]


def test_nothing_else_is_open_to_other_sites(api):
    for path in ("/docs", "/docs/oauth2-redirect", "/health/live"):
        assert "Access-Control-Allow-Origin" not in api.web.get(path, headers=ORIGIN).headers
