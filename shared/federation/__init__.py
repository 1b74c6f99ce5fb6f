"""Signing in with others: the client's side of OpenID Connect and OAuth 2, on Authlib's client. It knows no page."""
