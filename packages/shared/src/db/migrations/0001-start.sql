-- Customers own tasks and users: another customer's tasks do not exist.
create table customers (
  id uuid primary key,
  name text not null unique,
  create_time timestamptz not null default now()
);

create table users (
  id uuid primary key,
  customer_id uuid not null references customers (id),
  username text not null unique,
  password_hash text not null,
  create_time timestamptz not null default now()
);

-- Key pairs that sign access tokens; the youngest signs, all of them verify.
create table signing_keys (
  kid text primary key,
  private_jwk jsonb not null,
  public_jwk jsonb not null,
  create_time timestamptz not null default now()
);

-- SHA-256 of each refresh token: the tokens themselves are nowhere.
create table refresh_tokens (
  hash text primary key,
  user_id uuid not null references users (id) on delete cascade,
  expire_time timestamptz not null
);

create index refresh_tokens_of_user on refresh_tokens (user_id);

-- One row an image. This table is the queue as well: see tasks/lease.ts.
create table tasks (
  id bigint primary key,                -- creation time in microseconds since 1970 UTC
  customer_id uuid not null references customers (id),
  parameters jsonb not null,            -- as the contract normalised them, name, webhook and start_on included
  webhook_status text not null check (webhook_status in ('empty', 'set', 'sent', 'failed')),
  status text not null default 'new' check (status in ('new', 'queued', 'processing', 'done', 'failed', 'deleted')),
  failure_cause text,                   -- what the API says
  failure_reason text,                  -- one sentence for the operator

  upload_expire_time timestamptz not null,
  upload_time timestamptz,
  upload_size bigint,
  upload_type text,
  upload_etag text,

  attempt integer not null default 0,   -- grows with each claim and never falls: it fences leases and names result keys
  failures integer not null default 0,  -- attempts that ended in a crash or an internal error
  ready_time timestamptz,               -- a queued task is not claimed before
  lease_owner text,
  lease_until timestamptz,
  due_time timestamptz,                 -- when the sweeper looks at this task next; null: never

  claim_time timestamptz,
  finish_time timestamptz,
  delete_time timestamptz,

  progress real not null default 0,     -- 0..1
  timings jsonb,
  detections jsonb,
  output_format text,                   -- jpeg or png; null when no image was asked for
  output_width integer,
  output_height integer
);

create index tasks_of_customer on tasks (customer_id, id);
create index tasks_of_customer_by_status on tasks (customer_id, status, id);
create index tasks_queue on tasks (customer_id, id) where status = 'queued';
create index tasks_served on tasks (customer_id, claim_time) where claim_time is not null;
create index tasks_leased on tasks (lease_until) where status = 'processing';
create index tasks_due on tasks (due_time) where due_time is not null;
create index tasks_kept on tasks (id) where status in ('new', 'done', 'failed');

-- Outbox: written in the statement that finishes the task, emptied by the sender.
create table webhook_deliveries (
  task_id bigint primary key references tasks (id),
  tries integer not null default 0,
  due_time timestamptz not null default now()
);

create index webhook_deliveries_due on webhook_deliveries (due_time);
