-- Which commit of the default branch a workflow was dispatched on: a run of any other commit may not answer.

ALTER TABLE examination ADD commit text;
