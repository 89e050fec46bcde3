from templates_app.models.category import Category
from templates_app.models.template import SavedTemplate, SelfTest, Template, TemplateVersion

__all__ = ["Category", "SavedTemplate", "SelfTest", "Template", "TemplateVersion"]
