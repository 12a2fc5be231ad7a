-- Corrections: each makes a new revision of its task. Revision 0 is what was detected; its row is written with the first correction.
create table revisions (
  task_id bigint not null references tasks (id) on delete cascade,
  revision integer not null,
  user_id uuid,                         -- who made it; null for revision 0
  username text,
  create_time timestamptz not null default now(),
  changes jsonb,                        -- what the correction did, for the record
  edits jsonb not null,                 -- all differences to the detected regions
  parameters jsonb not null,
  primary key (task_id, revision)
);

-- The newest revision; the one whose files, detections and parameters the task has; why the newest could not be rendered.
alter table tasks
  add column revision integer not null default 0,
  add column rendered_revision integer not null default 0,
  add column rendering_failure text;

-- Tasks whose newest revision has to be rendered: the queue of the rendering lane.
create table renderings (
  task_id bigint primary key references tasks (id) on delete cascade,
  tries integer not null default 0,
  lease uuid,                           -- fences: only the last claim can complete
  due_time timestamptz not null default now()
);

create index renderings_due on renderings (due_time);
