-- What streams and webhooks have not been told yet, oldest first. Triggers write it in the transaction of the change
-- itself, so nothing is forgotten, whoever makes the change; a row is gone once it has been told.
CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, account_id INTEGER, row_id INTEGER, note TEXT);
CREATE TRIGGER order_told AFTER INSERT ON order_event BEGIN
    INSERT INTO change (kind, account_id, row_id)
    SELECT 'order', account_id, NEW.id FROM orders WHERE orders.id = NEW.order_id;
END;
CREATE TRIGGER position_added AFTER INSERT ON position BEGIN
    INSERT INTO change (kind, account_id, row_id, note) VALUES ('position', NEW.account_id, NEW.id, json_object(
        'symbol', NEW.symbol, 'before', '0', 'after', NEW.quantity, 'at_ms', NEW.modify_ms, 'cost', NEW.cost));
END;
CREATE TRIGGER position_changed AFTER UPDATE ON position BEGIN
    INSERT INTO change (kind, account_id, row_id, note) VALUES ('position', NEW.account_id, NEW.id, json_object(
        'symbol', NEW.symbol, 'before', OLD.quantity, 'after', NEW.quantity, 'at_ms', NEW.modify_ms,
        'cost', NEW.cost, 'realized_before', OLD.realized, 'realized', NEW.realized));
END;
CREATE TRIGGER position_removed AFTER DELETE ON position BEGIN
    INSERT INTO change (kind, account_id, row_id, note) VALUES ('position', OLD.account_id, OLD.id, json_object(
        'symbol', OLD.symbol, 'before', OLD.quantity, 'after', '0', 'at_ms', NULL));
END;
CREATE TRIGGER cash_moved AFTER INSERT ON cash_entry BEGIN
    INSERT INTO change (kind, account_id, row_id) VALUES ('cash', NEW.account_id, NEW.id);
END;
CREATE TRIGGER token_ended AFTER UPDATE OF revoked, expires_ms ON token BEGIN
    INSERT INTO change (kind) VALUES ('token');
END;
CREATE TRIGGER watchlist_made AFTER INSERT ON watchlist BEGIN
    INSERT INTO change (kind, row_id, note) VALUES ('watchlist', NEW.id, json_object('user_id', NEW.user_id));
END;
CREATE TRIGGER watchlist_renamed AFTER UPDATE OF name ON watchlist BEGIN
    INSERT INTO change (kind, row_id, note) VALUES ('watchlist', NEW.id, json_object('user_id', NEW.user_id));
END;
CREATE TRIGGER watchlist_removed AFTER DELETE ON watchlist BEGIN
    INSERT INTO change (kind, row_id, note) VALUES ('watchlist', OLD.id, json_object(
        'user_id', OLD.user_id, 'name', OLD.name, 'create_ms', OLD.create_ms));
END;
CREATE TRIGGER watchlist_grew AFTER INSERT ON watchlist_security BEGIN
    INSERT INTO change (kind, row_id, note) VALUES ('watched', NEW.watchlist_id, json_object('added', NEW.security_id));
END;
CREATE TRIGGER watchlist_shrank AFTER DELETE ON watchlist_security BEGIN
    INSERT INTO change (kind, row_id, note)
    VALUES ('watched', OLD.watchlist_id, json_object('removed', OLD.security_id));
END;
CREATE TRIGGER alert_told AFTER INSERT ON alert_event BEGIN
    INSERT INTO change (kind, row_id, note) VALUES ('alert', NEW.id, json_object('user_id', NEW.user_id));
END;
CREATE TRIGGER account_changed
AFTER UPDATE OF margin_type, owner_type, option_level, clearing_firm, status, enabled, restricted ON account
WHEN (OLD.margin_type, OLD.owner_type, OLD.option_level, OLD.clearing_firm, OLD.status, OLD.enabled, OLD.restricted)
    <> (NEW.margin_type, NEW.owner_type, NEW.option_level, NEW.clearing_firm, NEW.status, NEW.enabled, NEW.restricted)
BEGIN
    INSERT INTO change (kind, account_id, row_id, note) VALUES ('account', NEW.id, NEW.id, json_object(
        'marginType', iif(OLD.margin_type IS NEW.margin_type, NULL, NEW.margin_type),
        'ownerType', iif(OLD.owner_type IS NEW.owner_type, NULL, NEW.owner_type),
        'optionLevel', iif(OLD.option_level IS NEW.option_level, NULL, NEW.option_level),
        'clearingFirm', iif(OLD.clearing_firm IS NEW.clearing_firm, NULL, NEW.clearing_firm),
        'status', iif(OLD.status IS NEW.status, NULL, NEW.status),
        'enabled', iif(OLD.enabled IS NEW.enabled, NULL, NEW.enabled),
        'restricted', iif(OLD.restricted IS NEW.restricted, NULL, NEW.restricted)));
END;
CREATE TRIGGER transfer_told AFTER UPDATE OF status ON transfer WHEN OLD.status <> NEW.status BEGIN
    INSERT INTO change (kind, account_id, note) VALUES ('transfer', NEW.account_id, json_object('id', NEW.id));
END;
