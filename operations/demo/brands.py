"""The two brokers of the demonstration: who they are, how they look, and their keys at the sandbox.

The colours were chosen in pairs for light and dark; every text on every surface keeps a contrast of 4.5:1.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Brand:
    """One broker of the demo. `host` is where its investors arrive, without the port."""

    slug: str
    host: str
    words: dict[str, object]
    theme: dict[str, dict[str, str]]

    @property
    def support_email(self) -> str:
        return f"help@{self.slug}.test"

    @property
    def client_id(self) -> str:
        return f"demo-{self.slug}-client"

    @property
    def client_secret(self) -> str:
        return f"demo-{self.slug}-client-secret"

    @property
    def app_key(self) -> str:
        return f"demo-{self.slug}-app-key-secret"

    @property
    def app_key_publishable(self) -> str:
        return f"demo-{self.slug}-app-key-publishable"


HARBOR = Brand(
    slug="harbor",
    host="localhost",
    words={
        "name": "Harbor Street",
        "mark": "H",
        "headline": "Invest with a steady hand.",
        "tagline": "Stocks and funds in one quiet place: what you own, what it costs, and every order "
        "from the first click to the last fill.",
        "facts": [
            {"title": "The cost, before you decide", "text": "Every order is priced and read back to you first."},
            {"title": "Sent once, never twice", "text": "If nobody answers, we find out. We do not guess."},
            {"title": "Figures with an age", "text": "Each number says how old it is, so that you never have to ask."},
        ],
    },
    theme={
        "light": {
            "panel": "white",
            "on-accent": "white",
            "accent": "oklch(44% .085 225)",
            "accent-soft": "oklch(95% .018 215)",
            "ink": "oklch(25% .035 245)",
            "ink-2": "oklch(44% .03 245)",
            "ink-3": "oklch(51% .025 240)",
            "ground": "oklch(97.4% .006 220)",
            "sunk": "oklch(95.4% .008 220)",
            "line": "oklch(89.5% .012 225)",
            "hero": "oklch(30% .055 245)",
            "on-hero": "oklch(96% .012 215)",
        },
        "dark": {
            "panel": "oklch(20.8% .024 240)",
            "on-accent": "oklch(19% .03 235)",
            "accent": "oklch(79% .09 205)",
            "accent-soft": "oklch(28.5% .045 220)",
            "ink": "oklch(93% .012 220)",
            "ink-2": "oklch(75% .02 225)",
            "ink-3": "oklch(66.5% .02 228)",
            "ground": "oklch(17% .02 240)",
            "sunk": "oklch(14.8% .018 240)",
            "line": "oklch(29.5% .025 238)",
            "hero": "oklch(23% .04 243)",
            "on-hero": "oklch(94% .014 215)",
        },
        "shape": {"radius-control": "6px", "radius-panel": "9px"},
    },
)

NORTHWIND = Brand(
    slug="northwind",
    host="northwind.localhost",
    words={
        "name": "Northwind",
        "mark": "N",
        "headline": "Your money, out in the open.",
        "tagline": "A brokerage for people who read the second page. Plain words, plain costs, and a record "
        "of everything that was done in your name.",
        "facts": [
            {"title": "Plain words", "text": "No order leaves before you have read it as one sentence."},
            {"title": "A record of everything", "text": "Who did what and when, to the millisecond, for each order."},
            {"title": "You stay in charge", "text": "Sign out here, and the connection to AutoShares ends with it."},
        ],
    },
    theme={
        "light": {
            "panel": "oklch(99.4% .004 80)",
            "on-accent": "white",
            "accent": "oklch(45% .155 310)",
            "accent-soft": "oklch(94.5% .025 315)",
            "ink": "oklch(25% .025 320)",
            "ink-2": "oklch(44.5% .022 325)",
            "ink-3": "oklch(50.5% .018 330)",
            "ground": "oklch(97.3% .008 75)",
            "sunk": "oklch(95% .01 75)",
            "line": "oklch(89% .012 70)",
            "hero": "oklch(27% .07 312)",
            "on-hero": "oklch(95.5% .018 75)",
        },
        "dark": {
            "panel": "oklch(20.8% .017 318)",
            "on-accent": "oklch(21% .05 312)",
            "accent": "oklch(79% .105 312)",
            "accent-soft": "oklch(29.5% .055 312)",
            "ink": "oklch(93% .01 75)",
            "ink-2": "oklch(75.5% .014 340)",
            "ink-3": "oklch(67.5% .014 335)",
            "ground": "oklch(17.2% .014 318)",
            "sunk": "oklch(14.8% .012 318)",
            "line": "oklch(29.5% .018 318)",
            "hero": "oklch(23% .05 313)",
            "on-hero": "oklch(93.5% .016 75)",
        },
        "shape": {
            "radius-control": "0",
            "radius-panel": "0",
            "font-heading": '"Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", '
            '"Liberation Serif", Georgia, serif',
        },
    },
)

BRANDS = (HARBOR, NORTHWIND)
