-- The original of a done task was copied to the key of the attempt that finished it, for which nobody has an upload URL.
alter table tasks add column original_kept boolean not null default false;

-- Deletion takes these as well now.
update tasks set timings = null where status = 'deleted' and timings is not null;
