-- Customers share the workers by the time that their tasks take: see tasks/shares.ts. Both are seconds of a clock that runs as work is done:
-- share_start is where the customer stood when one of its tasks was claimed last, share_end where it stands now, its running tasks aside.
alter table customers
  add column share_start double precision not null default 0,
  add column share_end double precision not null default 0;

-- Each claim writes a row: pages with room take the new version without touching the indexes.
alter table customers set (fillfactor = 50);

-- Turns went by the time of a customer's last claim before.
drop index tasks_served;
