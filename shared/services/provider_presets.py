"""Presets of providers: what is known of those that many people have an account at, and where an operator finds the rest."""

from dataclasses import dataclass, field

OPENID, OAUTH2 = "openid", "oauth2"
BASIC, POST, SIGNED = "client_secret_basic", "client_secret_post", "signed_secret"
DISCOVERY = "/.well-known/openid-configuration"
MICROSOFT, APPLE, GITHUB, GITLAB = "microsoft", "apple", "github", "gitlab"


@dataclass(frozen=True)
class Preset:
    """`kind` says what it speaks. `asks` are the settings that an operator gives besides id and secret.

    `{…}` in an address stands for the setting of that name. `paths` say where id, e-mail address, whether that is verified, and
    name stand in the answer of an OAuth 2 provider. `emails` is where addresses are listed that the profile leaves out.
    """

    slug: str
    name: str
    kind: str
    where: str
    discovery_url: str | None = None
    endpoints: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    # None: as its discovery document says, else in the header.
    authentication: str | None = None
    asks: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    # What else is asked where its tokens are kept, so that they can be renewed.
    offline: dict[str, str] = field(default_factory=dict)
    pkce: bool = True
    # Whether it asks its people anew who they are when we do (prompt=login and max_age, OpenID Connect Core §3.1.2.1).
    asks_again: bool = False
    # Whether `auth_time` in its ID tokens is when somebody signed in there, and whether it has to be asked for by the parameter
    # `claims` (§5.5).
    tells_auth_time: bool = True
    asks_claims: bool = False
    # Whether its ID tokens repeat the nonce, as OpenID Connect Core §3.1.3.7 has it.
    nonce: bool = True
    # Whether it slows down whoever does not name the application in User-Agent.
    names_us: bool = False
    # Whether it tells a name beside its answer, once, in the form that it posts.
    posts_name: bool = False
    # Whether it is known to call an address verified only when it is.
    verifies_email: bool = False

    @property
    def may_prove(self) -> bool:
        """Whether somebody can show by it that they signed in there just now."""
        return self.kind == OPENID and self.tells_auth_time and (self.asks_again or self.asks_claims)


PRESETS = {
    preset.slug: preset
    for preset in (
        Preset(
            "google",
            "Google",
            OPENID,
            "In the Google Cloud console under APIs & Services, Credentials: an OAuth client ID of the type Web application. "
            "Session age claims, under Settings of Google Auth Platform, let people show by it that they signed in just now.",
            discovery_url=f"https://accounts.google.com{DISCOVERY}",
            # It asks nobody anew, and tells verified applications since when it knows somebody.
            asks_claims=True,
            offline={"access_type": "offline"},
            verifies_email=True,
        ),
        Preset(
            MICROSOFT,
            "Microsoft",
            OPENID,
            "In the Microsoft Entra admin centre under App registrations: the Application (client) ID, and a new value under "
            "Certificates & secrets. The optional claim auth_time of ID tokens, under Token configuration, lets people show by "
            "it that they signed in just now.",
            discovery_url=f"https://login.microsoftonline.com/{{directory}}/v2.0{DISCOVERY}",
            authentication=POST,
            asks_again=True,
            asks=("directory",),
            defaults={"directory": "common"},
        ),
        Preset(
            APPLE,
            "Apple",
            OPENID,
            "In the Apple Developer account: the identifier of a Services ID, and under Keys a key for Sign in with Apple (the "
            "text of its .p8 file is the secret).",
            discovery_url=f"https://appleid.apple.com{DISCOVERY}",
            scopes=("openid", "name", "email"),
            authentication=SIGNED,
            asks=("team_id", "key_id"),
            extra={"response_mode": "form_post"},
            posts_name=True,
            # Its auth_time is about that of the token, whatever its people were asked.
            tells_auth_time=False,
            verifies_email=True,
        ),
        Preset(
            GITHUB,
            "GitHub",
            OAUTH2,
            "On GitHub under Settings, Developer settings, OAuth apps: the Client ID and a new client secret.",
            endpoints={
                "authorization": "{origin}/login/oauth/authorize",
                "token": "{origin}/login/oauth/access_token",
                "userinfo": "{api}/user",
                "emails": "{api}/user/emails",
            },
            paths={"subject": "id", "email": "", "email_verified": "", "name": "name"},
            scopes=("read:user", "user:email"),
            authentication=POST,
            asks=("origin",),
            defaults={"origin": "https://github.com"},
            verifies_email=True,
        ),
        Preset(
            GITLAB,
            "GitLab",
            OPENID,
            "On GitLab under Preferences, Applications: a confidential application with the scopes openid, profile and email.",
            discovery_url=f"{{origin}}{DISCOVERY}",
            asks_again=True,
            asks=("origin",),
            defaults={"origin": "https://gitlab.com"},
            verifies_email=True,
        ),
        Preset(
            "discord",
            "Discord",
            OAUTH2,
            "In the Discord developer portal: an application, then OAuth2, Client information.",
            endpoints={
                "authorization": "https://discord.com/oauth2/authorize",
                "token": "https://discord.com/api/oauth2/token",
                "userinfo": "https://discord.com/api/users/@me",
            },
            paths={"subject": "id", "email": "email", "email_verified": "verified", "name": "global_name"},
            scopes=("identify", "email"),
            authentication=BASIC,
            verifies_email=True,
        ),
        Preset(
            "facebook",
            "Facebook",
            OAUTH2,
            "In Meta for Developers: an app with Facebook Login, then App settings, Basic: the App ID and the App secret.",
            endpoints={
                "authorization": "https://www.facebook.com/dialog/oauth",
                "token": "https://graph.facebook.com/oauth/access_token",
                "userinfo": "https://graph.facebook.com/me?fields=id,name,email",
            },
            paths={"subject": "id", "email": "email", "email_verified": "", "name": "name"},
            scopes=("public_profile", "email"),
            authentication=POST,
        ),
        Preset(
            "linkedin",
            "LinkedIn",
            OPENID,
            "In LinkedIn's developer portal: an app with the product Sign In with LinkedIn using OpenID Connect, then Auth.",
            discovery_url=f"https://www.linkedin.com/oauth{DISCOVERY}",
            authentication=POST,
            # It repeats no nonce, and takes a verifier for a wrong secret.
            nonce=False,
            pkce=False,
            verifies_email=True,
        ),
        Preset(
            "reddit",
            "Reddit",
            OAUTH2,
            "On Reddit under Preferences, Apps: an app of the type web app; its id is under its name. Reddit tells no address.",
            endpoints={
                "authorization": "https://www.reddit.com/api/v1/authorize",
                "token": "https://www.reddit.com/api/v1/access_token",
                "userinfo": "https://oauth.reddit.com/api/v1/me",
            },
            paths={"subject": "id", "email": "", "email_verified": "", "name": "name"},
            scopes=("identity",),
            authentication=BASIC,
            extra={"duration": "temporary"},
            offline={"duration": "permanent"},
            names_us=True,
            pkce=False,
        ),
        Preset(
            "slack",
            "Slack",
            OPENID,
            "On api.slack.com under Your Apps: an app, then Basic Information, App Credentials.",
            discovery_url=f"https://slack.com{DISCOVERY}",
            authentication=POST,
            pkce=False,
            # Its auth_time is the moment at which the token was made.
            tells_auth_time=False,
        ),
        Preset(
            OPENID,
            "OpenID provider",
            OPENID,
            "Wherever the provider registers clients: as a confidential web application with the authorization code flow.",
            asks_again=True,
        ),
        Preset(
            OAUTH2,
            "OAuth 2 provider",
            OAUTH2,
            "Wherever the provider registers clients: as a confidential web application with the authorization code flow.",
            paths={"subject": "id", "email": "email", "email_verified": "", "name": "name"},
            scopes=(),
        ),
    )
}
