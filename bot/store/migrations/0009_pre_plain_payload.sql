-- A delivery's body is kept as it came: compressing it cost more than half of the time in which it is written down.

ALTER TABLE delivery ALTER payload SET STORAGE EXTERNAL;
