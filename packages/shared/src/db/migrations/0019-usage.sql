-- What was done for each customer on each day (UTC): written as tasks end, kept when they are deleted. See tasks/usage.ts.
create table usage_days (
  customer_id uuid not null references customers (id),
  day date not null,
  done bigint not null default 0,
  failed bigint not null default 0,
  megapixels double precision not null default 0,
  seconds double precision not null default 0,      -- from the claim to the end of done tasks
  uploaded_bytes bigint not null default 0,
  face bigint not null default 0,
  person bigint not null default 0,
  license_plate bigint not null default 0,
  vehicle bigint not null default 0,
  primary key (customer_id, day)
);

-- Bytes of a done task's results, its original aside.
alter table tasks add column result_bytes bigint;

insert into usage_days
select customer_id, (finish_time at time zone 'UTC')::date, count(*) filter (where status = 'done'), count(*) filter (where status = 'failed'),
  coalesce(sum(output_width::float8 * output_height / 1e6), 0),
  coalesce(sum(greatest(0, extract(epoch from finish_time - claim_time))) filter (where status = 'done'), 0), coalesce(sum(upload_size), 0),
  coalesce(sum(face), 0), coalesce(sum(person), 0), coalesce(sum(license_plate), 0), coalesce(sum(vehicle), 0)
from tasks, lateral (
  select count(*) filter (where item ->> 'class' = 'face') as face, count(*) filter (where item ->> 'class' = 'person') as person,
    count(*) filter (where item ->> 'class' = 'license_plate') as license_plate, count(*) filter (where item ->> 'class' = 'vehicle') as vehicle
  from jsonb_array_elements(coalesce(detections, '[]')) as item
) as found
where status in ('done', 'failed') and finish_time is not null
group by 1, 2;
