-- The original of a done task was copied to the key of the attempt that finished it, for which nobody has an upload URL.
alter table tasks add column original_kept boolean not null default false;
