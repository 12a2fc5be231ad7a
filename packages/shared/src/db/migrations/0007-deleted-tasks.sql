-- Of rows of deleted tasks that went as well: how many a customer had made on each day (UTC). See tasks/remove.ts.
create table removed_tasks (
  customer_id uuid not null references customers (id),
  day date not null,
  count bigint not null,
  primary key (customer_id, day)
);

create index tasks_deleted on tasks (delete_time) where status = 'deleted';

-- Deletion takes all of this now.
update tasks set
  parameters = parameters || '{"name": null, "webhook": null, "ignores": ""}', failure_reason = null,
  upload_size = null, upload_type = null, upload_etag = null
where status = 'deleted';
