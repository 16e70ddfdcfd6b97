-- Who gets which appeal (guide 3.1), as DISTRIBUTION 1 recommends. Every statement takes the moment as p_now.

-- The most urgent appeal that an operator may have, claimed for him: chooses, locks, updates, writes assignment and
-- journal row. Rows that somebody else holds are skipped, never waited for. Gives the assignment, or no row.
CREATE FUNCTION claim(p_employee int, p_now timestamptz) RETURNS TABLE (assignment_id int, appeal_id int)
LANGUAGE plpgsql AS $$
DECLARE
    v_capacity capacity;
    v_appeal record;
    v_lane record;
    v_why jsonb;
    v_assignment int;
BEGIN
    SELECT * INTO v_capacity FROM capacity c
        WHERE c.employee_id = p_employee AND c.receiving AND c.load < c.cap FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN; END IF;
    -- One offer rings at a time: what a person cannot see he would miss. Asked under the lock, with a fresh view.
    PERFORM 1 FROM assignment r WHERE r.employee_id = p_employee AND r.state = 'offered';
    IF FOUND THEN RETURN; END IF;

    -- 1. What is kept for him: his former clients, what was handed to him.
    SELECT a.id, a.lane_id, a.queue_id, a.channel, a.points, a.rank_at, a.enqueued_at, l.units, q.ring
        INTO v_appeal
        FROM appeal a
        JOIN lane l ON l.id = a.lane_id
        JOIN queue q ON q.id = a.queue_id
        JOIN channel_capacity cc ON cc.employee_id = p_employee AND cc.channel = a.channel AND cc.load + l.units <= cc.cap
        WHERE a.preferred_operator_id = p_employee AND a.status = 'queued' AND a.preferred_operator_id IS NOT NULL
          AND v_capacity.load + l.units <= v_capacity.cap
          AND NOT lately_refused(a.id, p_employee, p_now)
        ORDER BY a.rank_at, a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED;
    v_why := jsonb_build_object('preferred', true);

    -- 2. The head of the most urgent lane: weight x (waited / target), strict tiers first.
    IF v_appeal.id IS NULL THEN
        FOR v_lane IN
            SELECT l.id, l.units, q.name AS queue, q.tier, q.weight,
                   extract(epoch FROM q.target) AS target,
                   extract(epoch FROM p_now - h.rank_at) AS waited,
                   q.weight * extract(epoch FROM p_now - h.rank_at) / extract(epoch FROM q.target) AS urgency,
                   lead(q.name) OVER w AS next_queue,
                   lead(q.weight * extract(epoch FROM p_now - h.rank_at) / extract(epoch FROM q.target)) OVER w AS next_urgency
            FROM operator_lane ol
            JOIN lane l ON l.id = ol.lane_id
            JOIN queue q ON q.id = l.queue_id
            JOIN channel_capacity cc ON cc.employee_id = p_employee AND cc.channel = l.channel AND cc.load + l.units <= cc.cap
            CROSS JOIN LATERAL (
                SELECT a.rank_at FROM appeal a
                WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
                  AND NOT lately_refused(a.id, p_employee, p_now)
                ORDER BY a.rank_at, a.id LIMIT 1) h
            WHERE ol.employee_id = p_employee AND v_capacity.load + l.units <= v_capacity.cap
            WINDOW w AS (ORDER BY q.tier, q.weight * extract(epoch FROM p_now - h.rank_at) / extract(epoch FROM q.target) DESC, l.id)
            ORDER BY q.tier, urgency DESC, l.id
        LOOP
            SELECT a.id, a.lane_id, a.queue_id, a.channel, a.points, a.rank_at, a.enqueued_at, v_lane.units, q.ring
                INTO v_appeal
                FROM appeal a JOIN queue q ON q.id = a.queue_id
                WHERE a.lane_id = v_lane.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
                  AND NOT lately_refused(a.id, p_employee, p_now)
                ORDER BY a.rank_at, a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED;
            v_why := jsonb_build_object(
                'queue', v_lane.queue, 'weight', v_lane.weight, 'target', round(v_lane.target),
                'urgency', round(v_lane.urgency::numeric, 2),
                'next_queue', v_lane.next_queue, 'next_urgency', round(v_lane.next_urgency::numeric, 2));
            EXIT WHEN v_appeal.id IS NOT NULL;
        END LOOP;
    END IF;
    IF v_appeal.id IS NULL THEN RETURN; END IF;

    v_why := v_why || jsonb_build_object(
        'points', v_appeal.points, 'waited', round(extract(epoch FROM p_now - v_appeal.enqueued_at)),
        'load', v_capacity.load, 'cap', v_capacity.cap);
    UPDATE appeal a SET status = 'offered', status_since = p_now, version = version + 1, operator_id = p_employee
        WHERE a.id = v_appeal.id;
    UPDATE channel_capacity SET load = load + v_appeal.units
        WHERE employee_id = p_employee AND channel = v_appeal.channel;
    UPDATE capacity SET load = load + v_appeal.units, idle_since = p_now WHERE employee_id = p_employee;
    INSERT INTO assignment (appeal_id, employee_id, queue_id, channel, state, weight, offered_at, ring_until, why)
        VALUES (v_appeal.id, p_employee, v_appeal.queue_id, v_appeal.channel, 'offered', v_appeal.units, p_now,
                p_now + v_appeal.ring, v_why)
        RETURNING id INTO v_assignment;
    INSERT INTO journal (at, name, subject, by, facts)
        VALUES (p_now, 'appeal.offered', 'appeal:' || v_appeal.id, 'system',
                jsonb_build_object('employee_id', p_employee, 'assignment_id', v_assignment, 'why', v_why));
    RETURN QUERY SELECT v_assignment, v_appeal.id;
END $$;

-- An operator is not offered again for a minute what he has just declined or missed.
CREATE FUNCTION lately_refused(p_appeal int, p_employee int, p_now timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM assignment r
        WHERE r.appeal_id = p_appeal AND r.employee_id = p_employee
          AND r.release_kind IN ('declined', 'missed') AND r.released_at > p_now - interval '60 s')
$$;
