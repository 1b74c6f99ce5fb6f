"""Which addresses belong to the resource API, as nginx divides them."""

import re

OF_THE_API = re.compile(r"(/t/[^/]+)?/(api/|docs(/|$)|openapi\.json$|\.well-known/oauth-protected-resource(/|$))")
