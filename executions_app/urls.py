"""Pages of runs, and pages of workflows that show or start runs."""

from django.urls import path

from executions_app.views import again, alerts, jobs, keeping, notifications, run_list, runs, setup, workflows

app_name = "executions_app"
urlpatterns = [
    path("workflows", workflows.workflow_list, name="workflow-list"),
    path("workflows/<uuid:workflow_id>", workflows.workflow_show, name="workflow-show"),
    path("workflows/<uuid:workflow_id>/run", workflows.workflow_run, name="workflow-run"),
    path("workflows/<uuid:workflow_id>/publish", workflows.workflow_publish, name="workflow-publish"),
    path("workflows/<uuid:workflow_id>/listen", workflows.workflow_listen, name="workflow-listen"),
    path("workflows/<uuid:workflow_id>/calls", workflows.workflow_calls, name="workflow-calls"),
    path("workflows/<uuid:workflow_id>/duplicate", keeping.workflow_duplicate, name="workflow-duplicate"),
    path("workflows/<uuid:workflow_id>/delete", keeping.workflow_delete, name="workflow-delete"),
    path("workflows/<uuid:workflow_id>/undelete", keeping.workflow_undelete, name="workflow-undelete"),
    path("workflows/<uuid:workflow_id>/tags", keeping.workflow_tags, name="workflow-tags"),
    path("workflows/<uuid:workflow_id>/versions/<int:number>/restore", keeping.version_restore, name="version-restore"),
    path("workflows/<uuid:workflow_id>/setup", setup.workflow_setup, name="workflow-setup"),
    path("workflows/<uuid:workflow_id>/alerts", alerts.show, name="workflow-alerts"),
    path("workflows/<uuid:workflow_id>/alerts/add", alerts.create, name="alert-create"),
    path("workflows/<uuid:workflow_id>/error-workflow", alerts.choose_error_workflow, name="error-workflow"),
    path("alerts/<uuid:alert_id>/test", alerts.test, name="alert-test"),
    path("alerts/<uuid:alert_id>/switch", alerts.switch, name="alert-switch"),
    path("alerts/<uuid:alert_id>/delete", alerts.delete, name="alert-delete"),
    path("jobs", jobs.show, name="job-list"),
    path("jobs/export", jobs.export, name="job-export"),
    path("jobs/<uuid:job_id>", jobs.one, name="job-show"),
    path("jobs/<uuid:job_id>/file", jobs.file, name="job-file"),
    path("jobs/<uuid:job_id>/again", jobs.again, name="job-again"),
    path("jobs/<uuid:job_id>/cancel", jobs.cancel, name="job-cancel"),
    path("reports/add", jobs.add_report, name="report-add"),
    path("reports/<uuid:report_id>/make", jobs.make_report, name="report-make"),
    path("reports/<uuid:report_id>/delete", jobs.delete_report, name="report-delete"),
    path("notifications/settings", notifications.choices, name="notification-settings"),
    path("runs", run_list.execution_list, name="execution-list"),
    path("runs/news", run_list.execution_news, name="execution-news"),
    path("runs/views", run_list.view_save, name="view-save"),
    path("runs/views/<uuid:view_id>/delete", run_list.view_delete, name="view-delete"),
    path("executions/<uuid:execution_id>", runs.execution_show, name="execution-show"),
    path("executions/<uuid:execution_id>/events", runs.execution_events, name="execution-events"),
    path("executions/<uuid:execution_id>/cancel", runs.execution_cancel, name="execution-cancel"),
    path("executions/<uuid:execution_id>/approve", runs.execution_approve, name="execution-approve"),
    path("executions/<uuid:execution_id>/retry", runs.execution_retry, name="execution-retry"),
    path("executions/<uuid:execution_id>/fork", again.execution_fork, name="execution-fork"),
    path("executions/<uuid:execution_id>/log", again.execution_log, name="execution-log"),
    path("executions/<uuid:execution_id>/file", runs.execution_file, name="execution-file"),
]
