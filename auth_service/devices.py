"""What a browser calls itself, in words: "Firefox on Linux"."""

from shared.kit.words import said

# The first that matches wins: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
PHONES = ("iPhone", "Android", "iPad")


def describe(user_agent: str) -> str:
    """The browser and its system, as far as they are known."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    if system:
        return said("%(browser)s on %(system)s", browser=browser or said("A browser"), system=system)
    return browser or said("Unknown browser")


def icon_of(user_agent: str) -> str:
    """The name of the picture for it in icons.svg."""
    return "phone" if _first(SYSTEMS, user_agent) in PHONES else "device"


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in names if mark in user_agent), None)
