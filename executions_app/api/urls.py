"""Executions, what starts and counts them, the built-in outbox."""

from django.urls import path

from executions_app.api import again, alerts, executions, jobs, many, moving

urlpatterns = [
    path("workflows/<uuid:workflow_id>/execute", executions.ExecuteView.as_view(), name="workflow-execute"),
    path("workflows/<uuid:workflow_id>/run-to", again.RunToView.as_view(), name="workflow-run-to"),
    path("workflows/<uuid:workflow_id>/move", moving.MoveView.as_view(), name="workflow-move"),
    path("workflows/<uuid:workflow_id>/stats", executions.StatsView.as_view(), name="workflow-stats"),
    path("executions", executions.ExecutionsView.as_view(), name="execution-list"),
    path("executions/bulk", many.BulkView.as_view(), name="execution-bulk"),
    path("executions/retention", many.RetentionView.as_view(), name="execution-retention"),
    path("executions/<uuid:execution_id>/compare", many.CompareView.as_view(), name="execution-compare"),
    path("executions/<uuid:execution_id>/lineage", many.LineageApiView.as_view(), name="execution-lineage"),
    path("executions/<uuid:execution_id>", executions.ExecutionView.as_view(), name="execution-show"),
    path("executions/<uuid:execution_id>/logs", executions.LogsView.as_view(), name="execution-logs"),
    path("executions/<uuid:execution_id>/events", executions.EventsView.as_view(), name="execution-events"),
    path("executions/<uuid:execution_id>/data", executions.DataView.as_view(), name="execution-data"),
    path("executions/<uuid:execution_id>/file", executions.FileView.as_view(), name="execution-file"),
    path("executions/<uuid:execution_id>/retry", again.RetryView.as_view(), name="execution-retry"),
    path("executions/<uuid:execution_id>/fork", again.ForkView.as_view(), name="execution-fork"),
    path("executions/<uuid:execution_id>/decide", again.DecideView.as_view(), name="execution-decide"),
    path("executions/<uuid:execution_id>/approve", again.ApproveView.as_view(), name="execution-approve"),
    path("executions/<uuid:execution_id>/cancel", executions.CancelView.as_view(), name="execution-cancel"),
    path("workflows/<uuid:workflow_id>/alerts", alerts.WorkflowAlertsView.as_view(), name="workflow-alerts"),
    path("alerts/<uuid:alert_id>", alerts.AlertView.as_view(), name="alert-show"),
    path("alerts/<uuid:alert_id>/test", alerts.AlertTestView.as_view(), name="alert-test"),
    path("alerts/<uuid:alert_id>/sent", alerts.AlertSentView.as_view(), name="alert-sent"),
    path("jobs", jobs.JobsView.as_view(), name="job-list"),
    path("jobs/exports", jobs.JobExportsView.as_view(), name="job-export"),
    path("jobs/<uuid:job_id>", jobs.JobView.as_view(), name="job-show"),
    path("jobs/<uuid:job_id>/again", jobs.JobAgainView.as_view(), name="job-again"),
    path("jobs/<uuid:job_id>/cancel", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/file", jobs.JobFileView.as_view(), name="job-file"),
    path("reports", jobs.ReportsView.as_view(), name="report-list"),
    path("reports/<uuid:report_id>", jobs.ReportView.as_view(), name="report-show"),
    path("reports/<uuid:report_id>/make", jobs.ReportMakeView.as_view(), name="report-make"),
    path("outbox", executions.OutboxView.as_view(), name="outbox-list"),
]
