"""The dashboard: what operators see. Every address of it is on this screen."""

from flask import Blueprint

from auth_service.admin import (
    audit,
    client_policies,
    clients,
    faults,
    fields,
    gate,
    home,
    initial_access,
    invitations,
    issuers,
    keys,
    letters,
    outbox,
    person_claims,
    providers,
    resources,
    tenants,
    user_deletion,
    users,
    wording,
)

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.before_request(gate.only_operators)
bp.context_processor(gate.shell)
faults.init(bp)
for name, rule in wording.FILTERS.items():
    bp.add_app_template_filter(rule, name)
for name, rule in wording.TESTS.items():
    bp.add_app_template_test(rule, name)

bp.add_url_rule("/", view_func=home.Home.as_view("home"))

bp.add_url_rule("/clients", view_func=clients.Clients.as_view("clients"))
bp.add_url_rule("/clients/new", view_func=clients.NewClient.as_view("client_new"))
bp.add_url_rule("/clients/<uuid:id>", view_func=clients.OneClient.as_view("client"))
bp.add_url_rule("/clients/<uuid:id>/edit", view_func=clients.EditedClient.as_view("client_edit"))
bp.add_url_rule("/clients/<uuid:id>/delete", view_func=clients.DeletedClient.as_view("client_delete"))
bp.add_url_rule("/clients/<uuid:id>/redirect-uris/new", view_func=clients.NewRedirectUri.as_view("redirect_uri_new"))
bp.add_url_rule("/clients/<uuid:id>/redirect-uris/remove", view_func=clients.RemovedRedirectUri.as_view("redirect_uri_remove"))
bp.add_url_rule("/clients/<uuid:id>/secret", view_func=clients.NewSecret.as_view("secret_new"))
bp.add_url_rule("/clients/<uuid:id>/secret/revealed", view_func=clients.RevealedSecret.as_view("secret_revealed"))

bp.add_url_rule("/clients/<uuid:id>/profile", view_func=client_policies.AppliedProfile.as_view("client_profile"))
bp.add_url_rule("/clients/<uuid:id>/disabled", view_func=client_policies.DisabledClient.as_view("client_disable"))
bp.add_url_rule("/clients/<uuid:id>/enabled", view_func=client_policies.EnabledClient.as_view("client_enable"))
bp.add_url_rule("/clients/<uuid:id>/fetched-keys", view_func=client_policies.FetchedKeys.as_view("client_keys_fetched"))

bp.add_url_rule("/users", view_func=users.Users.as_view("users"))
bp.add_url_rule("/users/new", view_func=users.NewUser.as_view("user_new"))
bp.add_url_rule("/users/<uuid:id>", view_func=users.OneUser.as_view("user"))
bp.add_url_rule("/users/<uuid:id>/claims", view_func=person_claims.EditedClaims.as_view("user_claims"))
bp.add_url_rule("/users/<uuid:id>/fields", view_func=fields.FieldsOfUser.as_view("user_fields"))
bp.add_url_rule("/users/<uuid:id>/disabled", view_func=users.DisabledUser.as_view("user_disable"))
bp.add_url_rule("/users/<uuid:id>/deletion", view_func=user_deletion.DeletedUser.as_view("user_delete"))
bp.add_url_rule("/users/<uuid:id>/enabled", view_func=users.EnabledUser.as_view("user_enable"))
bp.add_url_rule("/users/<uuid:id>/operator", view_func=users.OperatorRight.as_view("user_operator"))
bp.add_url_rule("/users/<uuid:id>/reset-factors", view_func=users.ResetFactors.as_view("user_factors_reset"))
bp.add_url_rule("/users/<uuid:id>/ended-sessions", view_func=users.EndedSessions.as_view("user_sessions_end"))
bp.add_url_rule("/users/<uuid:id>/withdrawn-consents/<uuid:client>", view_func=users.WithdrawnConsent.as_view("user_consent"))
bp.add_url_rule("/users/<uuid:id>/ended-authorizations", view_func=users.EndedAuthorizations.as_view("user_authorizations_end"))
bp.add_url_rule(
    "/users/<uuid:id>/ended-authorizations/<uuid:authorization>",
    view_func=users.EndedAuthorization.as_view("user_authorization_end"),
)

bp.add_url_rule("/invitations", view_func=invitations.Invitations.as_view("invitations"))
bp.add_url_rule("/invitations/new", view_func=invitations.NewInvitation.as_view("invitation_new"))
bp.add_url_rule("/invitations/<uuid:id>/letter", view_func=invitations.SentAgain.as_view("invitation_letter"))
bp.add_url_rule("/invitations/<uuid:id>/revoked", view_func=invitations.RevokedInvitation.as_view("invitation_revoke"))

bp.add_url_rule("/tenants", view_func=tenants.Tenants.as_view("tenants"))
bp.add_url_rule("/tenants/new", view_func=tenants.NewTenant.as_view("tenant_new"))
bp.add_url_rule("/tenants/<uuid:id>", view_func=tenants.OneTenant.as_view("tenant"))
bp.add_url_rule("/tenants/<uuid:id>/edit", view_func=tenants.EditedTenant.as_view("tenant_edit"))

bp.add_url_rule(
    "/tenants/<uuid:id>/initial-access-tokens/new", view_func=initial_access.NewInitialAccess.as_view("initial_access_new")
)
bp.add_url_rule(
    "/tenants/<uuid:id>/initial-access-tokens/<uuid:token>/revoked",
    view_func=initial_access.RevokedInitialAccess.as_view("initial_access_revoke"),
)

bp.add_url_rule("/tenants/<uuid:id>/keys", view_func=keys.Keys.as_view("keys"))
bp.add_url_rule("/tenants/<uuid:id>/keys/rotated", view_func=keys.RotatedKeys.as_view("keys_rotate"))
bp.add_url_rule("/tenants/<uuid:id>/keys/<kid>/revoked", view_func=keys.RevokedKey.as_view("key_revoke"))

bp.add_url_rule("/tenants/<uuid:id>/letters", view_func=letters.Letters.as_view("letters"))
bp.add_url_rule("/tenants/<uuid:id>/letters/sender", view_func=letters.Sender.as_view("letters_sender"))
bp.add_url_rule("/tenants/<uuid:id>/letters/<kind>/<language>", view_func=letters.OneLetter.as_view("letter"))
bp.add_url_rule("/tenants/<uuid:id>/letters/<kind>/<language>/edit", view_func=letters.EditedLetter.as_view("letter_edit"))
bp.add_url_rule("/tenants/<uuid:id>/letters/<kind>/<language>/preview", view_func=letters.Preview.as_view("letter_preview"))
bp.add_url_rule("/tenants/<uuid:id>/letters/<kind>/<language>/tests", view_func=letters.TestLetter.as_view("letter_test"))
bp.add_url_rule("/tenants/<uuid:id>/letters/<kind>/<language>/reset", view_func=letters.ResetLetter.as_view("letter_reset"))

bp.add_url_rule("/outbox", view_func=outbox.Outbox.as_view("outbox"))
bp.add_url_rule("/outbox/<uuid:id>/tried-again", view_func=outbox.TriedAgain.as_view("outbox_try"))
bp.add_url_rule("/outbox/<uuid:id>/discarded", view_func=outbox.Discarded.as_view("outbox_discard"))

bp.add_url_rule("/resources", view_func=resources.Resources.as_view("resources"))
bp.add_url_rule("/resources/new", view_func=resources.NewResource.as_view("resource_new"))
bp.add_url_rule("/resources/<uuid:id>", view_func=resources.OneResource.as_view("resource"))
bp.add_url_rule("/resources/<uuid:id>/edit", view_func=resources.EditedResource.as_view("resource_edit"))
bp.add_url_rule("/resources/<uuid:id>/delete", view_func=resources.DeletedResource.as_view("resource_delete"))

bp.add_url_rule("/fields", view_func=fields.Fields.as_view("fields"))
bp.add_url_rule("/fields/new", view_func=fields.NewField.as_view("field_new"))
bp.add_url_rule("/fields/<uuid:id>/edit", view_func=fields.EditedField.as_view("field_edit"))
bp.add_url_rule("/fields/<uuid:id>/moved", view_func=fields.MovedField.as_view("field_move"))
bp.add_url_rule("/fields/<uuid:id>/delete", view_func=fields.DeletedField.as_view("field_delete"))

bp.add_url_rule("/issuers", view_func=issuers.Issuers.as_view("issuers"))
bp.add_url_rule("/issuers/new", view_func=issuers.NewIssuer.as_view("issuer_new"))
bp.add_url_rule("/issuers/<uuid:id>", view_func=issuers.OneIssuer.as_view("issuer"))
bp.add_url_rule("/issuers/<uuid:id>/edit", view_func=issuers.EditedIssuer.as_view("issuer_edit"))
bp.add_url_rule("/issuers/<uuid:id>/delete", view_func=issuers.DeletedIssuer.as_view("issuer_delete"))

bp.add_url_rule("/providers", view_func=providers.Providers.as_view("providers"))
bp.add_url_rule("/providers/new", view_func=providers.NewProvider.as_view("provider_new"))
bp.add_url_rule("/providers/<uuid:id>", view_func=providers.OneProvider.as_view("provider"))
bp.add_url_rule("/providers/<uuid:id>/edit", view_func=providers.EditedProvider.as_view("provider_edit"))
bp.add_url_rule("/providers/<uuid:id>/enabled", view_func=providers.EnabledProvider.as_view("provider_enable"))
bp.add_url_rule("/providers/<uuid:id>/moved", view_func=providers.MovedProvider.as_view("provider_move"))
bp.add_url_rule("/providers/<uuid:id>/checked", view_func=providers.CheckedProvider.as_view("provider_check"))
bp.add_url_rule("/providers/<uuid:id>/delete", view_func=providers.DeletedProvider.as_view("provider_delete"))

bp.add_url_rule("/audit", view_func=audit.Events.as_view("audit"))

# Last: whatever else is asked for below /admin is a page of the dashboard that does not exist.
bp.add_url_rule("/<path:rest>", view_func=home.Missing.as_view("missing"))
