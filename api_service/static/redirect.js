// Hands the answer of the authorization server to the Swagger UI that asked. Swagger UI's own page goes on when the state differs, and does
// not know `iss` (RFC 9207); this one stops.
"use strict";

const { issuer } = JSON.parse(document.getElementById("reader").textContent);
const answer = new URLSearchParams(location.search);

function askedBy() {
  try {
    return window.opener.swaggerUIRedirectOauth2;
  } catch {
    return undefined; // opened by nobody, or by another site
  }
}

function trouble(oauth2) {
  if (answer.get("state") !== oauth2.state) return "The answer does not belong to this request (state). Authorize again.";
  if (answer.get("iss") !== issuer) return "The answer comes from another server (iss). Authorize again.";
  if (answer.get("error")) return [answer.get("error"), answer.get("error_description")].filter(Boolean).join(": ");
  return answer.get("code") ? "" : "The authorization server sent no code.";
}

function finish(oauth2) {
  const wrong = trouble(oauth2);
  if (wrong) {
    oauth2.errCb({ authId: oauth2.auth.name, source: "auth", level: "error", message: wrong });
  } else {
    delete oauth2.state;
    oauth2.auth.code = answer.get("code");
    oauth2.callback({ auth: oauth2.auth, redirectUrl: oauth2.redirectUrl });
  }
  window.close();
}

const oauth2 = askedBy();
// The code is of no more use to anyone, yet it need not stay in the history.
history.replaceState(null, "", location.pathname);
if (oauth2) {
  finish(oauth2);
} else {
  document.getElementById("said").textContent = "Nobody asked for this";
  document.getElementById("more").textContent = "Press Authorize on the documentation page; it opens this one.";
}
