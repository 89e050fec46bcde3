"""*Save for later*: titles somebody keeps on their own home page."""

from accounts.models import User
from templates_app.models import SavedTemplate, Template


def toggle(template: Template, *, by: User) -> bool:
    """Keep the title, or let it go if it is kept. True if it is kept now."""
    kept, is_new = SavedTemplate.objects.get_or_create(user=by, template=template)
    if not is_new:
        kept.delete()
    return is_new
