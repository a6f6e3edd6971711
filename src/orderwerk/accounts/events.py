"""Events of this room."""

from orderwerk.core.events import declare

USER_CREATED = declare("user.created", "A person may log in.", "username", "role")
USER_UPDATED = declare(
    "user.updated", "A person's name, role, limits or preferences changed.", "changed"
)
USER_DEACTIVATED = declare(
    "user.deactivated", "A person may no longer log in; open sessions ended."
)
USER_ACTIVATED = declare("user.activated", "A person who was deactivated may log in again.")
PASSWORD_SET = declare("user.password_set", "A person's password was set; open sessions ended.")
TOKEN_CREATED = declare("token.created", "A program may call the API.", "name", "scopes")
TOKEN_REVOKED = declare("token.revoked", "A program may no longer call the API.", "name")
