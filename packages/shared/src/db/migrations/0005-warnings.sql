-- Problems with the image that did not stop the task, in sentences for the customer.
alter table tasks add column warnings jsonb not null default '[]';
