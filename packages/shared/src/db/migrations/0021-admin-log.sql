-- Changes by administrators stand beside looks: of a user or customer instead of a task.
alter table audit_log alter column task_id drop not null;

alter table audit_log add column subject text;
