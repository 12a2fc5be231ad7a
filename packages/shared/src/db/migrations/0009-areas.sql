-- The default of the parameter areas for the tasks of a customer, as text.
alter table customers add column areas text not null default '';
