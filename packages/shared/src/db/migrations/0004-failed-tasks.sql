-- Operators list failed tasks among any number of done ones, newest first.
create index tasks_failed on tasks (id) where status = 'failed';
