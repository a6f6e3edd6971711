"""Capacity and cut-off of a stock location per weekday and on single days; what names nothing keeps the location's own."""

from django.db import migrations, models

FORWARD = r"""
create function are_location_days(days jsonb, key text, most int) returns boolean language plpgsql immutable as $$
begin
  return jsonb_typeof(days) = 'array' and jsonb_array_length(days) <= most
    and not exists (
      select from jsonb_array_elements(days) d where jsonb_typeof(d) <> 'object'
        or case key when 'day' then coalesce(d ->> 'day' !~ '^[1-7]$', true)
           else coalesce(d ->> 'on' !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', true) end
        or coalesce(d ->> 'capacity' !~ '^[0-9]{1,9}$', false)
        or coalesce(d ->> 'cut_off' !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$', false)
        or coalesce(jsonb_typeof(d -> 'is_closed'), 'boolean') <> 'boolean')
    and (select count(distinct d ->> key) = count(*) from jsonb_array_elements(days) d)
    and (key <> 'day' or (select count(*) filter (where (d ->> 'is_closed')::boolean) < 7 from jsonb_array_elements(days) d));
end $$;
alter table stock_location add constraint stock_location_days
  check (are_location_days(week, 'day', 7) and are_location_days(special_days, 'on', 400));

-- What holds at a location on a day: what the day itself says, else its weekday, else the location.
create function location_day(l stock_location, day date, out is_closed boolean, out capacity int, out cut_off time)
language plpgsql stable as $$
declare
  weekday jsonb;
  special jsonb;
begin
  if l.week <> '[]' then
    weekday := (select d from jsonb_array_elements(l.week) d where (d ->> 'day')::int = extract(isodow from day));
  end if;
  if l.special_days <> '[]' then
    special := (select d from jsonb_array_elements(l.special_days) d where d ->> 'on' = to_char(day, 'YYYY-MM-DD'));
  end if;
  is_closed := case when special is not null then coalesce((special ->> 'is_closed')::boolean, false)
    else coalesce((weekday ->> 'is_closed')::boolean, false) end;
  capacity := coalesce((special ->> 'capacity')::int, (weekday ->> 'capacity')::int, l.daily_capacity);
  cut_off := coalesce((special ->> 'cut_off')::time, (weekday ->> 'cut_off')::time, l.cut_off);
end $$;

-- The day on which something of that moment (by the shop's clock) leaves: the first that is open and whose cut-off is not over.
create function location_leaves(l stock_location, moment timestamp) returns date language plpgsql stable strict as $$
declare
  day date := moment::date;
  that record;
begin
  for n in 0..800 loop
    that := location_day(l, day + n);
    if not that.is_closed and (n > 0 or that.cut_off is null or moment::time <= that.cut_off) then
      return day + n;
    end if;
  end loop;
  return day;
end $$;

-- The moment (by the shop's clock) from which on parcels count for a day: the cut-off of the last open day before it.
create function location_begins(l stock_location, day date) returns timestamp language plpgsql stable strict as $$
declare
  that record;
begin
  for n in 1..800 loop
    that := location_day(l, day - n);
    if not that.is_closed then
      return case when that.cut_off is null then day - n + 1 else day - n + that.cut_off end;
    end if;
  end loop;
  return day;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [('stock', '0020_for_order_valid')]
    operations = [
        migrations.AddField(model_name='stocklocation', name='week', field=models.JSONField(db_default=[], default=list)),
        migrations.AddField(model_name='stocklocation', name='special_days', field=models.JSONField(db_default=[], default=list)),
        migrations.RunSQL(FORWARD),
    ]
