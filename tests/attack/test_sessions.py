"""Sessions: a secret that ended opens nothing, a secret that somebody chose becomes nobody's."""

from cast import PASSWORD, anna, boris, vera


def routes_without_objects(app):
    """Give method and path of each guarded route that names no object."""
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", "anyone")
        if not rule.arguments and guard not in {"anyone", "programs"}:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield method, rule.rule


def let_in(app, browser):
    """Give the routes that do not send this browser to the sign-in page."""
    asked = [(method, path, browser.open(path, method=method)) for method, path in routes_without_objects(app)]
    return [(method, path, answer.status) for method, path, answer in asked if "/login" not in (answer.location or "")]


def test_a_copied_secret_is_worth_nothing_once_its_owner_left(app, db, enters):
    browser, thief = enters(boris()), app.test_client()
    thief.set_cookie("cec_session", browser.get_cookie("cec_session").value)
    assert thief.get("/appeals").status_code == 200

    browser.post("/leaving")

    assert let_in(app, thief) == []


def test_whoever_is_dismissed_is_out_at_once(app, db, enters):
    browser, administrator = enters(boris()), enters(vera())
    assert browser.get("/appeals").status_code == 200

    administrator.post(f"/centre/people/{boris().id}/dismissal")

    assert boris().is_active is False
    assert let_in(app, browser) == []


def test_a_secret_that_was_put_into_a_browser_is_not_taken_over_at_sign_in(app, db):
    browser, attacker = app.test_client(), app.test_client()
    for each in (browser, attacker):
        each.set_cookie("cec_session", "chosen-by-somebody-else")
    anna()

    browser.post("/login", data={"login": "anna", "password": PASSWORD})

    assert browser.get_cookie("cec_session").value != "chosen-by-somebody-else"
    assert browser.get("/operator/").status_code == 200 or browser.get("/").status_code in {200, 302}
    assert let_in(app, attacker) == []


def test_no_role_is_had_for_the_asking(db, enters):
    browser = enters(anna())

    for role in ("business_admin", "supervisor", "marketer", "", "owner'--"):
        browser.post("/start", data={"role": role, "branch_id": anna().branch_id})
        assert browser.get("/centre/people").status_code in {303, 403}
