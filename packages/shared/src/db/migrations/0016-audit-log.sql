-- Who was shown what. No references: the record outlives users and tasks.
create table audit_log (
  id bigint generated always as identity primary key,
  time timestamptz not null default clock_timestamp(),
  action text not null,
  customer_id uuid not null,
  user_id uuid not null,
  username text not null,
  task_id bigint not null,
  address text not null
);

create index audit_log_of_task on audit_log (task_id, id);

-- Administrators see the figures of the whole service and the audit log, but no other customer's images.
alter table users add column is_admin boolean not null default false;
