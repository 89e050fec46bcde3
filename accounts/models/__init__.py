from accounts.models.api_key import ApiKey, RefreshToken
from accounts.models.audit import AuditEntry, AuditHead
from accounts.models.branding import Branding
from accounts.models.first_admin import FirstAdminToken
from accounts.models.notification import Notification
from accounts.models.notification_choice import NotificationChoice
from accounts.models.team import Invitation, Membership, Team
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "Branding",
    "FirstAdminToken",
    "Invitation",
    "Membership",
    "Notification",
    "NotificationChoice",
    "RefreshToken",
    "Team",
    "User",
]
