-- Workers ask twice a second whether tasks are ready. Before, the sweeper gave each queued task a hint of its own when it was due.
create index tasks_ready on tasks (ready_time) where status = 'queued';

update tasks set due_time = null where status = 'queued';
