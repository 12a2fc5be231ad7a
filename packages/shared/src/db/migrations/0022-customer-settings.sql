-- A customer's logo for areas around the poles of panoramas, as it was given: PNG or JPEG.
alter table customers add column logo bytea;

-- Days after which the files of a customer's tasks are deleted; null: as the service's setting says.
alter table customers add column retention_days integer;
