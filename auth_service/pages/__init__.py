"""The pages: what people see. Every address of them is on this screen."""

from flask import Blueprint

from auth_service import field_inputs, launching
from auth_service.pages import (
    account,
    applications,
    asking,
    assets,
    consent,
    data,
    device,
    email,
    factor,
    factor_new,
    factors,
    identities,
    invitation,
    joining,
    language,
    login,
    login_letter,
    logos,
    look,
    menu,
    moments,
    password,
    recover,
    recover_email,
    security,
    select_account,
    sessions,
    signup,
    verify,
    with_others,
)
from shared.web import csrf

bp = Blueprint("pages", __name__)
bp.app_template_global("login_again")(launching.again)
bp.app_template_global("account_menu")(menu.entries)
bp.app_template_global("sign_in_providers")(with_others.offered)
bp.app_template_filter("moment")(moments.moment)
bp.app_template_filter("moment_in_words")(moments.in_words)
bp.app_template_filter("logo")(logos.address)
bp.app_template_filter("country_name")(field_inputs.country_name)
bp.app_template_filter("labelled")(field_inputs.labelled)
bp.app_template_filter("placed_in_words")(field_inputs.moment_in_words)
bp.app_url_defaults(assets.add_version)
bp.after_app_request(assets.keep)
bp.before_request(asking.check_open)
bp.register_error_handler(asking.Over, asking.tell_over)

bp.add_url_rule("/", view_func=account.Root.as_view("root"))
bp.add_url_rule("/language", view_func=language.Choice.as_view("language"))
bp.add_url_rule("/look/<accent>.css", view_func=look.Look.as_view("look"))
bp.add_url_rule("/logo/<uuid:id>", view_func=logos.Logo.as_view("logo"))

# The steps of signing in.
bp.add_url_rule("/login", view_func=login.Login.as_view("login"))
bp.add_url_rule("/login/passkey", view_func=login.PasskeyLogin.as_view("passkey_login"))
bp.add_url_rule("/signup", view_func=signup.SignUp.as_view("signup"))
bp.add_url_rule("/signup/code", view_func=signup.Code.as_view("signup_code"))
bp.add_url_rule("/signup/letter", view_func=signup.Letter.as_view("signup_letter"))
bp.add_url_rule("/invitation", view_func=invitation.Invitation.as_view("invitation"))
bp.add_url_rule("/login/code", view_func=login_letter.Asked.as_view("login_code"))
bp.add_url_rule("/login/letter", view_func=login_letter.Code.as_view("login_letter"))
bp.add_url_rule("/login/letter/again", view_func=login_letter.Letter.as_view("login_letter_again"))
bp.add_url_rule("/login/link", view_func=login_letter.Link.as_view("login_link"))
bp.add_url_rule("/recover", view_func=recover.Recover.as_view("recover"))
bp.add_url_rule("/recover/sent", view_func=recover.Sent.as_view("recover_sent"))
bp.add_url_rule("/recover/password", view_func=recover.NewPassword.as_view("recover_password"))
bp.add_url_rule("/recover/email", view_func=recover_email.OldEmail.as_view("recover_email"))
bp.add_url_rule("/factor", view_func=factor.Factor.as_view("factor"))
bp.add_url_rule("/factor/passkey", view_func=factor.PasskeyGiven.as_view("factor_passkey"))
bp.add_url_rule("/factor/email/code", view_func=factor.FactorLetter.as_view("factor_letter"))
bp.add_url_rule("/factor/<kind>", view_func=factor.FactorGiven.as_view("factor_given"))
bp.add_url_rule("/factor/new", view_func=factor_new.NewFactor.as_view("factor_new"))
bp.add_url_rule("/factor/new/totp", view_func=factor_new.FirstApp.as_view("factor_new_totp"))
bp.add_url_rule("/factor/new/passkey", view_func=factor_new.FirstPasskey.as_view("factor_new_passkey"))
bp.add_url_rule("/select_account", view_func=select_account.SelectAccount.as_view("select_account"))
bp.add_url_rule("/consent", view_func=consent.Consent.as_view("consent"))
bp.add_url_rule("/refusal", view_func=consent.Refusal.as_view("refusal"))

# Signing in with others: away to a provider, back from it, and what is missing for an account.
bp.add_url_rule("/login/with/<slug>", view_func=with_others.Leaving.as_view("provider"))
bp.add_url_rule("/login/with/<slug>/callback", view_func=csrf.exempt(with_others.Callback.as_view("provider_callback")))
bp.add_url_rule("/login/joining", view_func=joining.Joining.as_view("joining"))

# A device without a browser waits for its person here (RFC 8628 §3.3).
bp.add_url_rule("/device", view_func=device.Device.as_view("device"))
bp.add_url_rule("/device/<uuid:id>", view_func=device.Request.as_view("device_request"))

bp.add_url_rule("/verify", view_func=verify.Verify.as_view("verify"))
bp.add_url_rule("/verify/code", view_func=verify.Code.as_view("verification_code"))
bp.add_url_rule("/verify/later", view_func=verify.Later.as_view("verification_later"))

# Oneself.
bp.add_url_rule("/account", view_func=account.Account.as_view("account"))
bp.add_url_rule("/account/email", view_func=email.EmailChange.as_view("email_change"))
bp.add_url_rule("/account/email/code", view_func=email.EmailCode.as_view("email_code"))
bp.add_url_rule("/account/data", view_func=data.Data.as_view("data"))
bp.add_url_rule("/account/data/copy", view_func=data.Copy.as_view("data_copy"))
bp.add_url_rule("/account/deletion", view_func=data.Deletion.as_view("deletion"))
bp.add_url_rule("/account/security", view_func=security.Security.as_view("security"))
bp.add_url_rule("/account/password", view_func=password.Password.as_view("password"))
bp.add_url_rule("/account/factors", view_func=factors.Factors.as_view("factors"))
bp.add_url_rule("/account/factors/totp/new", view_func=factor_new.AddedApp.as_view("factor_added_totp"))
bp.add_url_rule("/account/factors/passkey/new", view_func=factor_new.AddedPasskey.as_view("factor_added_passkey"))
bp.add_url_rule("/account/factors/recovery-codes", view_func=factors.RecoveryCodes.as_view("factor_recovery_codes"))
bp.add_url_rule("/account/factors/<kind>/<uuid:id>", view_func=factors.OneFactor.as_view("factor_one"))
bp.add_url_rule("/account/factors/<kind>/<uuid:id>/removed", view_func=factors.RemovedFactor.as_view("factor_removed"))
bp.add_url_rule("/account/sessions", view_func=sessions.Sessions.as_view("sessions"))
bp.add_url_rule("/account/sessions/others/end", view_func=sessions.OtherSessionsEnd.as_view("other_sessions_end"))
bp.add_url_rule("/account/sessions/<sid>/end", view_func=sessions.SessionEnd.as_view("session_end"))
bp.add_url_rule("/account/applications", view_func=applications.Applications.as_view("applications"))
bp.add_url_rule("/account/applications/<uuid:id>/withdrawal", view_func=applications.Withdrawal.as_view("withdrawal"))
bp.add_url_rule("/account/identities", view_func=identities.Identities.as_view("identities"))
bp.add_url_rule("/account/identities/link/<slug>", view_func=identities.Link.as_view("identity_link"))
bp.add_url_rule("/account/identities/arrival", view_func=identities.Arrival.as_view("identity_arrival"))
bp.add_url_rule("/account/identities/<uuid:id>/unlinked", view_func=identities.Unlink.as_view("identity_unlink"))
