"""From one source per lesson to what learners, lecturers and graders open."""
