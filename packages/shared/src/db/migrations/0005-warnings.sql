-- What is not as it should be with a task that is done: sentences for its customer.
alter table tasks add column warnings jsonb not null default '[]';
