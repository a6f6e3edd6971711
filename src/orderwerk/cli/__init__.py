"""Owns: the orderwerk command, one file per verb group.

May import: everything.
Console section: none.
"""

# Verb → module that defines a click command of that name. Modules are loaded when their verb is used, so that
# `serve` stays small and a command may import rooms at its top. True: Django is set up before.
COMMANDS: dict[str, tuple[str, bool]] = {
    "demo": ("orderwerk.cli.run", False),
    "serve": ("orderwerk.cli.run", False),
    "worker": ("orderwerk.cli.run", False),
    "migrate": ("orderwerk.cli.schema", True),
    "user": ("orderwerk.cli.people", True),
    "token": ("orderwerk.cli.people", True),
    "import": ("orderwerk.cli.imports", True),
    "export": ("orderwerk.cli.exports", True),
    "backup": ("orderwerk.cli.backups", True),
    "restore": ("orderwerk.cli.backups", True),
    "erase": ("orderwerk.cli.erasing", True),
    "bounce": ("orderwerk.cli.mail", True),
    "doctor": ("orderwerk.cli.doctor", True),
    "check": ("orderwerk.cli.checks", True),
    "assets": ("orderwerk.cli.assets", False),
    # The supervisor's own children; not shown in the help.
    "web": ("orderwerk.cli.children", False),
    "work": ("orderwerk.cli.work", True),
    "demo-seed": ("orderwerk.cli.demo_seed", True),
    "manage": ("orderwerk.cli.schema", True),
}
