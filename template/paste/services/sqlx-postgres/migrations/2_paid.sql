alter table orders add column paid boolean not null default false;
