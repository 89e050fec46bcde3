"""Workflows, versions, webhooks, imports and exports, node types."""

from django.urls import path

from workflows_app.api import credentials, parts, stores, workflows

urlpatterns = [
    path("workflows", workflows.WorkflowsView.as_view(), name="workflow-list"),
    path("workflows/public", workflows.PublicWorkflowsView.as_view(), name="workflow-public"),
    path("workflows/<uuid:workflow_id>", workflows.WorkflowView.as_view(), name="workflow-show"),
    path("workflows/<uuid:workflow_id>/duplicate", workflows.DuplicateView.as_view(), name="workflow-duplicate"),
    path("workflows/<uuid:workflow_id>/publish", workflows.PublishView.as_view(), name="workflow-publish"),
    path("workflows/<uuid:workflow_id>/unpublish", workflows.UnpublishView.as_view(), name="workflow-unpublish"),
    path("workflows/<uuid:workflow_id>/variables", workflows.VariablesView.as_view(), name="workflow-variables"),
    path("workflows/<uuid:workflow_id>/export", parts.ExportView.as_view(), name="workflow-export"),
    path("workflows/<uuid:workflow_id>/versions", parts.VersionsView.as_view(), name="version-list"),
    path("workflows/<uuid:workflow_id>/versions/<int:number>", parts.VersionView.as_view(), name="version-show"),
    path(
        "workflows/<uuid:workflow_id>/versions/<int:number>/restore",
        parts.VersionRestoreView.as_view(),
        name="version-restore",
    ),
    path("tags", workflows.TagsView.as_view(), name="tag-list"),
    path("webhooks", parts.WebhooksView.as_view(), name="webhook-list"),
    path("credentials", credentials.CredentialsView.as_view(), name="credential-list"),
    path("credentials/<uuid:credential_id>", credentials.CredentialView.as_view(), name="credential-show"),
    path("credentials/<uuid:credential_id>/test", credentials.CredentialTestView.as_view(), name="credential-test"),
    path("credentials/<uuid:credential_id>/share", credentials.CredentialShareView.as_view(), name="credential-share"),
    path(
        "credentials/<uuid:credential_id>/transfer",
        credentials.CredentialTransferView.as_view(),
        name="credential-transfer",
    ),
    path(
        "credentials/<uuid:credential_id>/share/<uuid:team_id>",
        credentials.CredentialUnshareView.as_view(),
        name="credential-unshare",
    ),
    path(
        "credentials/<uuid:credential_id>/connect",
        credentials.CredentialConnectView.as_view(),
        name="credential-connect",
    ),
    path("credential-types", credentials.CredentialTypesView.as_view(), name="credential-type-list"),
    path("data-tables", stores.TablesView.as_view(), name="data-table-list"),
    path("data-tables/<uuid:table_id>/rows", stores.RowsView.as_view(), name="data-table-rows"),
    path("files", stores.FilesView.as_view(), name="file-list"),
    path("imports", parts.ImportsView.as_view(), name="import-create"),
    path("imports/check", parts.ImportCheckView.as_view(), name="import-check"),
    path("exports", parts.ExportsView.as_view(), name="export-create"),
    path("node-types", parts.NodeTypesView.as_view(), name="node-type-list"),
    path("node-types/<str:name>", parts.NodeTypeView.as_view(), name="node-type-show"),
]
