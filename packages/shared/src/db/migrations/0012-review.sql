-- Review: results of a task that asked for it are held back until somebody approves them.
alter table tasks
  add column review_status text check (review_status in ('pending', 'approved', 'rejected')),
  add column reviewer text,
  add column review_reason text,
  add column review_time timestamptz,
  add column created_by uuid;

create index tasks_of_customer_by_review on tasks (customer_id, review_status, id) where review_status is not null;
