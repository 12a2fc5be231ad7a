-- One row a sign-in: its access tokens are good while the row is there, its refresh token when the hash fits.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  refresh_hash text not null,           -- SHA-256 of the one refresh token that has not been used yet
  refresh_time timestamptz not null default now(),
  expire_time timestamptz not null      -- refreshing does not move it
);

create index sessions_of_user on sessions (user_id, refresh_time);

-- Networks from which a user signed in lately: guesses from elsewhere do not lock them out.
create table known_networks (
  user_id uuid not null references users (id) on delete cascade,
  network text not null,
  last_time timestamptz not null default now(),
  primary key (user_id, network)
);

-- Attempts at passwords and tokens, counted for all API processes; rate-limiter-flexible writes it, and expects these columns in this order.
create table attempts (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint                         -- milliseconds since 1970 UTC
);

-- The table refresh_tokens stays for processes of the version before, until all of them are replaced.
