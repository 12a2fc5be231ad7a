-- The networks that searched the image: [{name, sha256}].
alter table tasks add column models jsonb;

-- What each worker uses, so that a worker with other models than the rest is noticed. One row a process, renewed while it runs.
create table worker_models (
  owner text primary key,
  models jsonb not null,
  seen_time timestamptz not null default clock_timestamp()
);
