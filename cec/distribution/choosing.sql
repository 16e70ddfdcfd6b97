-- Who gets which appeal (guide 3.1): the rule of rule.py in SQL; a property test demands the same choices of both.
-- Every statement takes the moment as p_now. No statement waits for a row that somebody else holds.

-- How urgent what has waited so long is: weight x (waited / target).
CREATE FUNCTION urgency(p_weight float8, p_waited interval, p_target interval) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_weight * extract(epoch FROM p_waited)::float8 / extract(epoch FROM p_target)::float8
$$;

-- Whether an operator has room for so many units, of all and of the channel, at most p_above over his cap. What is
-- exclusive (a call) wants an operator who holds nothing, and then fills him.
CREATE FUNCTION has_room(
    p_load int, p_cap int, p_channel_load int, p_channel_cap int, p_units int, p_exclusive boolean, p_above int
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_exclusive THEN p_load = 0 AND p_cap > 0 AND p_channel_cap > 0
                ELSE p_load + p_units <= p_cap + p_above AND p_channel_load + p_units <= p_channel_cap + p_above END
$$;

-- The operator who is to claim next, and what decided for him; no row if nobody can take anything. The most urgent
-- lane from which somebody free may take goes first; among those who may, the strategy of its queue chooses. Those
-- whose row somebody else holds are told in p_skip.
CREATE FUNCTION next_pair(p_now timestamptz, p_skip int[] DEFAULT '{}')
RETURNS TABLE (employee_id int, person jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_free int[];
    v_lane record;
BEGIN
    -- 1. What is kept for somebody, if he has room; one unit above his cap if the queue allows it.
    RETURN QUERY
        SELECT c.employee_id, '{}'::jsonb
        FROM appeal a
        JOIN lane l ON l.id = a.lane_id
        JOIN queue q ON q.id = a.queue_id
        JOIN capacity c ON c.employee_id = a.preferred_operator_id AND c.receiving
        JOIN channel_capacity cc ON cc.employee_id = c.employee_id AND cc.channel = a.channel
        WHERE a.status = 'queued' AND a.preferred_operator_id IS NOT NULL
          AND c.employee_id <> ALL (p_skip)
          AND has_room(c.load, c.cap, cc.load, cc.cap, l.units, l.exclusive,
                       (q.sticky_above AND NOT c.exclusive)::int)
          AND NOT EXISTS (SELECT 1 FROM assignment r WHERE r.employee_id = c.employee_id AND r.state = 'offered')
          AND NOT EXISTS (SELECT 1 FROM assignment r WHERE r.appeal_id = a.id AND r.employee_id = c.employee_id
                          AND r.release_kind IN ('declined', 'missed', 'returned_idle')
                          AND r.released_at > p_now - interval '60 s')
        ORDER BY a.rank_at, a.id LIMIT 1;
    IF FOUND THEN RETURN; END IF;

    -- 2. Nobody free: one look at the index of those with room.
    SELECT array_agg(c.employee_id) INTO v_free
        FROM capacity c
        WHERE c.receiving AND c.load < c.cap AND c.employee_id <> ALL (p_skip)
          AND NOT EXISTS (SELECT 1 FROM assignment r WHERE r.employee_id = c.employee_id AND r.state = 'offered');
    IF v_free IS NULL THEN RETURN; END IF;

    -- 3. The lanes in which something waits, the most urgent first.
    FOR v_lane IN
        SELECT l.id, l.channel, l.units, l.exclusive, q.strategy, q.target
        FROM lane l
        JOIN queue q ON q.id = l.queue_id AND q.strategy <> 'broadcast'
        CROSS JOIN LATERAL (
            SELECT a.rank_at FROM appeal a
            WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
            ORDER BY a.rank_at, a.id LIMIT 1) h
        ORDER BY q.tier, urgency(q.weight, p_now - h.rank_at, q.target) DESC, l.id
    LOOP
        RETURN QUERY
            SELECT o.employee_id, jsonb_build_object(
                'free', o.free, 'next_person', o.next_person, 'idle', round(extract(epoch FROM p_now - o.since)))
            FROM (
                SELECT c.employee_id, greatest(c.idle_since, c.last_offer_at) AS since,
                       count(*) OVER () - 1 AS free, lead(c.employee_id) OVER w AS next_person,
                       row_number() OVER w AS place
                FROM operator_lane ol
                JOIN capacity c ON c.employee_id = ol.employee_id
                JOIN channel_capacity cc ON cc.employee_id = c.employee_id AND cc.channel = v_lane.channel
                CROSS JOIN LATERAL (
                    SELECT 1 FROM appeal a
                    WHERE a.lane_id = v_lane.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
                      AND a.rank_at <= CASE WHEN ol.share = 0 THEN 'infinity' ELSE p_now - v_lane.target * ol.share END
                      AND NOT EXISTS (
                        SELECT 1 FROM assignment r WHERE r.appeal_id = a.id AND r.employee_id = ol.employee_id
                        AND r.release_kind IN ('declined', 'missed', 'returned_idle')
                        AND r.released_at > p_now - interval '60 s')
                    ORDER BY a.rank_at, a.id LIMIT 1) h
                WHERE ol.lane_id = v_lane.id AND c.employee_id = ANY (v_free) AND c.receiving
                  AND has_room(c.load, c.cap, cc.load, cc.cap, v_lane.units, v_lane.exclusive, 0)
                WINDOW w AS (ORDER BY
                    CASE v_lane.strategy
                        WHEN 'highest_skill' THEN -ol.level
                        WHEN 'least_loaded' THEN c.load::float8 / c.cap
                        WHEN 'round_robin' THEN coalesce(extract(epoch FROM c.last_offer_at), 0)::float8
                        ELSE 0 END,
                    greatest(c.idle_since, c.last_offer_at), c.employee_id)) o
            WHERE o.place = 1;
        IF FOUND THEN RETURN; END IF;
    END LOOP;
END $$;

-- The most urgent appeal that an operator may have, claimed for him: chooses, locks, updates, writes assignment and
-- journal row, and tells the open screens when it stands (live.py has the form of notices). What p_person says about
-- the choice of the person is kept with it. Gives the assignment, or no row.
CREATE FUNCTION claim(p_employee int, p_now timestamptz, p_person jsonb DEFAULT '{}')
RETURNS TABLE (assignment_id int, appeal_id int, accepted boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_capacity capacity;
    v_refused int[];
    v_appeal record;
    v_lane record;
    v_next record;
    v_found boolean := false;
    v_why jsonb := '{}';
    v_units int;
    v_accepted boolean;
    v_assignment int;
BEGIN
    SELECT * INTO v_capacity FROM capacity c
        WHERE c.employee_id = p_employee AND c.receiving AND c.load <= c.cap FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN; END IF;
    -- One offer rings at a time: what a person cannot see he would miss. Asked under the lock, with a fresh view.
    PERFORM 1 FROM assignment r WHERE r.employee_id = p_employee AND r.state = 'offered';
    IF FOUND THEN RETURN; END IF;
    -- What he has declined, missed or let lie within a minute is not offered to him again at once.
    SELECT coalesce(array_agg(r.appeal_id), '{}') INTO v_refused FROM assignment r
        WHERE r.employee_id = p_employee AND r.release_kind IN ('declined', 'missed', 'returned_idle')
          AND r.released_at > p_now - interval '60 s';

    -- 1. What is kept for him: his former clients, what was handed to him. Mostly nothing is: that costs one look.
    PERFORM 1 FROM appeal a
        WHERE a.preferred_operator_id = p_employee AND a.status = 'queued' AND a.preferred_operator_id IS NOT NULL;
    IF FOUND THEN
        SELECT a.id, a.queue_id, a.channel, a.points, a.rank_at, a.enqueued_at,
               l.units, l.exclusive, q.ring, q.name AS queue, q.auto_accept
            INTO v_appeal
            FROM appeal a
            JOIN lane l ON l.id = a.lane_id
            JOIN queue q ON q.id = a.queue_id
            JOIN channel_capacity cc ON cc.employee_id = p_employee AND cc.channel = a.channel
            WHERE a.preferred_operator_id = p_employee AND a.status = 'queued' AND a.preferred_operator_id IS NOT NULL
              AND has_room(v_capacity.load, v_capacity.cap, cc.load, cc.cap, l.units, l.exclusive,
                           (q.sticky_above AND NOT v_capacity.exclusive)::int)
              AND a.id <> ALL (v_refused)
            ORDER BY a.rank_at, a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED;
        v_found := FOUND;
    END IF;
    IF v_found THEN
        v_why := jsonb_build_object('preferred', true, 'queue', v_appeal.queue,
                                    'above', v_capacity.load + v_appeal.units > v_capacity.cap);
    ELSIF v_capacity.load >= v_capacity.cap THEN
        RETURN;
    ELSE
        -- 2. The first appeal he may have of the most urgent lane that has one for him; strict tiers first.
        -- The one that follows it is read too: "why" says what it stood before.
        FOR v_next IN
            SELECT l.id, l.units, l.exclusive, ol.level, ol.share, q.name AS queue, q.tier, q.weight, q.target, q.ring,
                   q.strategy, q.auto_accept, urgency(q.weight, p_now - h.rank_at, q.target) AS urgency
            FROM operator_lane ol
            JOIN lane l ON l.id = ol.lane_id
            JOIN queue q ON q.id = l.queue_id AND q.strategy <> 'broadcast'
            JOIN channel_capacity cc ON cc.employee_id = p_employee AND cc.channel = l.channel
            CROSS JOIN LATERAL (
                SELECT a.rank_at FROM appeal a
                WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
                ORDER BY a.rank_at, a.id LIMIT 1) h
            WHERE ol.employee_id = p_employee
              AND has_room(v_capacity.load, v_capacity.cap, cc.load, cc.cap, l.units, l.exclusive, 0)
            ORDER BY q.tier, urgency DESC, l.id
        LOOP
            IF v_found THEN
                v_why := v_why || jsonb_build_object(
                    'next_queue', v_next.queue, 'next_urgency', round(v_next.urgency::numeric, 2));
                EXIT;
            END IF;
            v_lane := v_next;
            SELECT a.id, a.queue_id, a.channel, a.points, a.rank_at, a.enqueued_at,
                   v_lane.units, v_lane.exclusive, v_lane.ring, v_lane.queue, v_lane.auto_accept
                INTO v_appeal
                FROM appeal a
                WHERE a.lane_id = v_lane.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
                  AND a.rank_at <= CASE WHEN v_lane.share = 0 THEN 'infinity'
                                        ELSE p_now - v_lane.target * v_lane.share END
                  AND a.id <> ALL (v_refused)
                ORDER BY a.rank_at, a.id LIMIT 1 FOR UPDATE SKIP LOCKED;
            v_found := FOUND;
            IF v_found THEN
                v_why := jsonb_build_object(
                    'queue', v_lane.queue, 'tier', v_lane.tier, 'weight', v_lane.weight,
                    'target', round(extract(epoch FROM v_lane.target)), 'urgency', round(v_lane.urgency::numeric, 2),
                    'next_queue', null, 'next_urgency', null,
                    'strategy', v_lane.strategy, 'level', v_lane.level, 'share', v_lane.share);
            END IF;
        END LOOP;
    END IF;
    IF NOT v_found THEN RETURN; END IF;

    v_units := CASE WHEN v_appeal.exclusive THEN v_capacity.cap ELSE v_appeal.units END;
    v_accepted := v_appeal.auto_accept OR v_capacity.auto_accept;
    v_why := v_why || jsonb_build_object(
        'points', v_appeal.points, 'waited', round(extract(epoch FROM p_now - v_appeal.enqueued_at)),
        'load', v_capacity.load, 'cap', v_capacity.cap,
        'idle', round(extract(epoch FROM p_now - greatest(v_capacity.idle_since, v_capacity.last_offer_at)))) || p_person;
    UPDATE appeal a SET
            status = CASE WHEN v_accepted THEN 'in_work' ELSE 'offered' END, status_since = p_now,
            version = a.version + 1, operator_id = p_employee,
            preferred_operator_id = CASE WHEN v_accepted THEN NULL ELSE a.preferred_operator_id END,
            preferred_until = CASE WHEN v_accepted THEN NULL ELSE a.preferred_until END
        WHERE a.id = v_appeal.id;
    UPDATE channel_capacity SET load = load + v_units, over = greatest(0, load + v_units - cap)
        WHERE employee_id = p_employee AND channel = v_appeal.channel;
    UPDATE capacity SET load = load + v_units, over = greatest(0, load + v_units - cap), last_offer_at = p_now,
            exclusive = exclusive OR v_appeal.exclusive,
            misses = CASE WHEN v_accepted THEN 0 ELSE misses END
        WHERE employee_id = p_employee;
    INSERT INTO assignment (appeal_id, employee_id, queue_id, channel, state, weight, offered_at, ring_until,
                            accepted_at, why)
        VALUES (v_appeal.id, p_employee, v_appeal.queue_id, v_appeal.channel,
                CASE WHEN v_accepted THEN 'accepted' ELSE 'offered' END, v_units, p_now,
                CASE WHEN v_accepted THEN NULL ELSE p_now + v_appeal.ring END,
                CASE WHEN v_accepted THEN p_now END, v_why)
        RETURNING id INTO v_assignment;
    INSERT INTO journal (at, name, subject, by, facts)
        VALUES (p_now, CASE WHEN v_accepted THEN 'appeal.accepted' ELSE 'appeal.offered' END,
                'appeal:' || v_appeal.id, CASE WHEN v_accepted THEN 'employee:' || p_employee ELSE 'system' END,
                jsonb_build_object('employee_id', p_employee, 'assignment_id', v_assignment, 'why', v_why)
                || CASE WHEN v_accepted THEN '{"auto": true}' ELSE '{}' END::jsonb);
    PERFORM pg_notify('cec', jsonb_build_array(
        jsonb_build_array(CASE WHEN v_accepted THEN 'appeal.accepted' ELSE 'appeal.offered' END,
                          'appeal:' || v_appeal.id),
        jsonb_build_array(CASE WHEN v_accepted THEN 'worklist' ELSE 'offer' END, 'employee:' || p_employee))::text);
    -- Nobody waits for the disk: an offer that the server loses in a fall was made to nobody, its appeal waits on.
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN QUERY SELECT v_assignment, v_appeal.id, v_accepted;
END $$;
