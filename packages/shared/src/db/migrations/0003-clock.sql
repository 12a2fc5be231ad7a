-- When a sweeper last looked, by the database's clock: tells a clock that was set from time that passed. See tasks/clock.ts.
create table clock (
  only_row boolean primary key default true check (only_row),
  last_time timestamptz not null default now()
);

insert into clock default values;
